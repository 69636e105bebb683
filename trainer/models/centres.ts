/**
 * Spherical k-means (Dhillon & Modha 2001): the typical tastes that hidden units stand for.
 */
import { multiplyInto, transposed, upload } from "../backend.ts";
import { type Random, shuffle } from "../random.ts";

const ITERATIONS = 6;
/** Points looked at, at most: so many tell where `count` centres belong. */
const MAX_POINTS = 40_000;
const BLOCK = 2_000;

/**
 * Centres of points of length one (points x dimensions, row-major; rows of zeros are passed over).
 *
 * @returns as many unit rows as asked for, or as there are points.
 */
export function sphericalCentres(
  points: Float32Array,
  dimensions: number,
  wanted: number,
  random: Random,
): Float32Array {
  const chosen = choosePoints(points, dimensions, random);
  const available = chosen.length / dimensions;
  const count = Math.min(wanted, available);
  const centres = chosen.slice(0, count * dimensions);
  if (count === available) return centres;
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const nearest = nearestCentres(chosen, centres, dimensions);
    moveCentres(chosen, nearest, centres, dimensions);
  }
  return centres;
}

/** Points that are not zero, in random order. */
function choosePoints(points: Float32Array, dimensions: number, random: Random): Float32Array {
  const rows = Uint32Array.from({ length: points.length / dimensions }, (_, row) => row).filter(
    (row) => points.subarray(row * dimensions, (row + 1) * dimensions).some((value) => value !== 0),
  );
  const chosen = shuffle(rows, random).subarray(0, MAX_POINTS);
  const out = new Float32Array(chosen.length * dimensions);
  chosen.forEach((row, at) => {
    out.set(points.subarray(row * dimensions, (row + 1) * dimensions), at * dimensions);
  });
  return out;
}

/** The centre with the greatest cosine, for each point. */
function nearestCentres(
  points: Float32Array,
  centres: Float32Array,
  dimensions: number,
): Uint32Array {
  const rows = points.length / dimensions;
  const count = centres.length / dimensions;
  const upright = upload(centres, count, dimensions);
  const across = transposed(upright);
  upright.dispose();
  const cosines = new Float32Array(BLOCK * count);
  const nearest = new Uint32Array(rows);
  for (let start = 0; start < rows; start += BLOCK) {
    const size = Math.min(BLOCK, rows - start);
    const block = points.subarray(start * dimensions, (start + size) * dimensions);
    const left = upload(block, size, dimensions);
    multiplyInto(left, across, cosines);
    left.dispose();
    for (let row = 0; row < size; row++) {
      let best = 0;
      for (let m = 1; m < count; m++) {
        if (cosines[row * count + m]! > cosines[row * count + best]!) best = m;
      }
      nearest[start + row] = best;
    }
  }
  across.dispose();
  return nearest;
}

/** Each centre to the direction of the sum of its points; one that has lost them all stays. */
function moveCentres(
  points: Float32Array,
  nearest: Uint32Array,
  centres: Float32Array,
  dimensions: number,
): void {
  const sums = new Float32Array(centres.length);
  nearest.forEach((centre, row) => {
    for (let d = 0; d < dimensions; d++) {
      sums[centre * dimensions + d]! += points[row * dimensions + d]!;
    }
  });
  for (let start = 0; start < centres.length; start += dimensions) {
    let square = 0;
    for (let d = start; d < start + dimensions; d++) square += sums[d]! ** 2;
    if (square === 0) continue;
    const length = Math.sqrt(square);
    for (let d = start; d < start + dimensions; d++) centres[d] = sums[d]! / length;
  }
}
