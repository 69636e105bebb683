/** Motifs that are shapes, in the manner of mid-century posters. All draw on 200 x 300. */
import { svg } from "../element.js";
import { pick } from "./random.js";

/** @typedef {import("./scenes.js").Motif} Motif */

/** @type {Motif} Quarter and half discs on a grid. */
export function tiles({ main, second, light, shade }, random) {
  const side = 50;
  const nodes = [];
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 4; column++) {
      if (random() < 0.18) continue;
      const turn = pick([0, 90, 180, 270], random);
      const fill = pick([main, main, second, light, shade], random);
      const d = pick(
        [
          "M0 0A50 50 0 0 1 50 50H0z",
          "M0 25A25 25 0 0 1 50 25z",
          "M25 0A25 25 0 1 1 24.9 0z",
          "M0 0H50L0 50z",
        ],
        random,
      );
      const place = `translate(${column * side} ${150 + row * side}) rotate(${turn} 25 25)`;
      nodes.push(svg("path", { d, fill, transform: place }));
    }
  }
  return nodes;
}

/** @type {Motif} Two discs that meet. */
export function embrace({ main, second, light }, random) {
  const y = 190 + random() * 30;
  const r = 46 + random() * 18;
  const apart = r * (0.45 + random() * 0.25);
  const half = Math.sqrt(r * r - apart * apart);
  const [top, bottom] = [y - half, y + half];
  return [
    svg("circle", { cx: 100 - apart, cy: y, r, fill: main }),
    svg("circle", { cx: 100 + apart, cy: y, r, fill: second }),
    svg("path", {
      d: `M100 ${top}A${r} ${r} 0 0 1 100 ${bottom}A${r} ${r} 0 0 1 100 ${top}`,
      fill: light,
    }),
  ];
}

/** @type {Motif} Light through blinds. */
export function blinds({ main, shade, light }, random) {
  const slant = (random() < 0.5 ? -1 : 1) * (14 + random() * 22);
  const bars = Array.from({ length: 9 }, (_, at) => {
    const y = 128 + at * 20;
    return svg("path", {
      d: `M0 ${y}L200 ${y + slant}v9L0 ${y + 9}z`,
      fill: main,
      opacity: (1 - at * 0.075).toFixed(2),
    });
  });
  const x = 70 + random() * 60;
  return [
    ...bars,
    svg("circle", { cx: x, cy: 206, r: 21, fill: shade }),
    svg("path", { d: `M${x - 30} 200q30-7 60 0l-10-8-5-19q-15-8-30 0l-5 19z`, fill: shade }),
    svg("path", { d: `M${x - 58} 300q4-72 58-74 54 2 58 74z`, fill: shade }),
    svg("circle", { cx: x + 13, cy: 216, r: 2, fill: light }),
  ];
}

/** @type {Motif} Rings that pull the eye in. */
export function vortex({ main, second, light, shade }, random) {
  const x = 80 + random() * 40;
  const drift = (random() - 0.5) * 7;
  const rings = [];
  for (let at = 0; at < 9; at++) {
    const fill = at % 2 === 0 ? main : pick([shade, shade, second], random);
    rings.push(svg("circle", { cx: x + drift * at, cy: 205 + at * 1.5, r: 92 - at * 10, fill }));
  }
  rings.push(svg("circle", { cx: x + drift * 9, cy: 219, r: 5, fill: light }));
  return rings;
}

/** @type {Motif} Rays from one point. */
export function burst({ main, second, light, shade }, random) {
  const [x, y] = [60 + random() * 80, 200 + random() * 30];
  const rays = 14 + Math.floor(random() * 5) * 2;
  const nodes = Array.from({ length: rays }, (_, at) => {
    const [from, to] = [(at / rays) * 2 * Math.PI, ((at + 0.5) / rays) * 2 * Math.PI];
    const reach = at % 2 === 0 ? 330 : 72 + random() * 34;
    const point = (/** @type {number} */ angle) =>
      `${(x + reach * Math.cos(angle)).toFixed(1)} ${(y + reach * Math.sin(angle)).toFixed(1)}`;
    return svg("path", {
      d: `M${x} ${y}L${point(from)} ${point(to)}z`,
      fill: at % 2 === 0 ? second : main,
    });
  });
  return [
    ...nodes,
    svg("circle", { cx: x, cy: y, r: 34, fill: shade }),
    svg("circle", { cx: x, cy: y, r: 20, fill: light }),
  ];
}

/** @type {Motif} Balloons. */
export function balloons({ main, second, light, shade }, random) {
  const places = [
    [58, 190],
    [142, 176],
    [100, 226],
  ];
  const fills = random() < 0.5 ? [main, second, light] : [light, main, second];
  return places.flatMap(([atX, atY], at) => {
    const x = /** @type {number} */ (atX) + (random() - 0.5) * 26;
    const y = /** @type {number} */ (atY) + (random() - 0.5) * 24;
    const r = 25 + random() * 14;
    return [
      svg("path", {
        d: `M${x} ${y + r}Q${x + 12 - random() * 24} ${y + r + 40} 100 310`,
        stroke: shade,
        "stroke-width": 1.4,
        fill: "none",
      }),
      svg("ellipse", { cx: x, cy: y, rx: r * 0.88, ry: r, fill: fills[at] }),
      svg("ellipse", {
        cx: x - r * 0.3,
        cy: y - r * 0.4,
        rx: r * 0.14,
        ry: r * 0.24,
        fill: "#fff",
        opacity: 0.65,
      }),
    ];
  });
}

/** @type {Motif} A stage: curtains and a spot of light. */
export function stage({ main, second, light, shade }, random) {
  const folds = 4 + Math.floor(random() * 2);
  const width = 15;
  const curtain = Array.from({ length: folds }, (_, at) => {
    const fill = at % 2 === 0 ? main : second;
    const fall = 300 - at * at * 5;
    return [at * width, 200 - (at + 1) * width].map((x) =>
      svg("path", { d: `M${x} 148V${fall}q${width / 2} 10 ${width} 0V148z`, fill }),
    );
  }).flat();
  const x = 84 + random() * 32;
  return [
    svg("path", { d: `M${x - 8} 148 ${x - 44} 272h88L${x + 8} 148z`, fill: light, opacity: 0.28 }),
    svg("ellipse", { cx: x, cy: 272, rx: 46, ry: 11, fill: light }),
    svg("path", { d: `M${x - 8} 272q0-34 8-34t8 34z`, fill: shade }),
    svg("circle", { cx: x, cy: 231, r: 6.5, fill: shade }),
    ...curtain,
  ];
}

/** @type {Motif} A keyhole with light behind it. */
export function keyhole({ main, light, shade, second }, random) {
  const x = 80 + random() * 40;
  return [
    svg("circle", { cx: x, cy: 206, r: 84, fill: second, opacity: 0.55 }),
    svg("circle", { cx: x, cy: 206, r: 62, fill: shade }),
    svg("path", {
      d: `M${x} 164a23 23 0 0 1 12 42l11 46h-46l11-46a23 23 0 0 1 12-42z`,
      fill: main,
    }),
    svg("circle", { cx: x, cy: 187, r: 8, fill: light }),
  ];
}

/** @type {Motif} Chevrons. */
export function chevrons({ main, second, shade, light }, random) {
  const x = 70 + random() * 60;
  const fills = [second, main, shade, main, second, shade, light];
  return fills.map((fill, at) => {
    const y = 130 + at * 26;
    return svg("path", {
      d: `M0 ${y + 46}L${x} ${y}L200 ${y + 46}v24L${x} ${y + 24}L0 ${y + 70}z`,
      fill,
    });
  });
}

/** @type {Motif} Bars that rise and fall, as sound does. */
export function sound({ main, second, light }, random) {
  const phase = random() * 6;
  return Array.from({ length: 13 }, (_, at) => {
    const height = 24 + 92 * Math.abs(Math.sin(phase + at * 0.55)) * (0.6 + random() * 0.4);
    const fill = at % 4 === 1 ? light : at % 2 === 0 ? main : second;
    return svg("rect", {
      x: 12 + at * 13.8,
      y: (212 - height / 2).toFixed(1),
      width: 8,
      height: height.toFixed(1),
      rx: 4,
      fill,
    });
  });
}

/** @type {Motif} Frames of film, one of them lit. */
export function frames({ main, second, light, shade }, random) {
  const lit = Math.floor(random() * 9);
  return Array.from({ length: 9 }, (_, at) => {
    const [column, row] = [at % 3, Math.floor(at / 3)];
    const fill = at === lit ? light : pick([main, second, shade, second], random);
    return svg("rect", {
      x: 16 + column * 58,
      y: 138 + row * 50,
      width: 52,
      height: 44,
      rx: 3,
      fill,
    });
  });
}
