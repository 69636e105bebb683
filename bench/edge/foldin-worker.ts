/** A Worker that folds in as often as it is told: what one costs is the time divided by the number. */
import { encodeProfile } from "../../release/encode.ts";
import { noiseModel } from "../../release/fixtures/noise-model.ts";
import { ModelView } from "../../release/model.ts";
import { plainScan, type Scan } from "../../release/scan.ts";
import { simdScan } from "../../release/simd-scan.ts";
import { topK } from "../../release/topk.ts";
import kernel from "../../release/wasm/scan.wasm";

const RATINGS = 50;
/** The shape of the model that a release ships. */
const SHAPE = { linear: 128, hidden: 512, outputs: 192 };

let held: { items: number; value: ArrayBuffer } | null = null;
let scan: { name: string; scan: Scan } | null = null;

export default {
  /** `/?items=20000&scan=simd&loops=100`. */
  fetch(request: Request): Response {
    const asked = new URL(request.url).searchParams;
    const items = Number(asked.get("items") ?? 100);
    const kind = asked.get("scan") ?? "simd";
    const loops = Number(asked.get("loops") ?? 0);
    const name = `${kind} ${items}`;
    if (scan?.name !== name) scan = { name, scan: open(kind, items) };
    let checksum = 0;
    for (let loop = 0; loop < loops; loop++) checksum += foldInOnce(scan.scan, items, loop);
    return new Response(String(checksum));
  },
};

function open(kind: string, items: number): Scan {
  if (held?.items !== items) held = { items, value: noiseModel(items, SHAPE) };
  if (kind === "simd") return simdScan(kernel, [held.value], items);
  return plainScan(ModelView.from(held.value));
}

function foldInOnce(open: Scan, items: number, loop: number): number {
  const own = Array.from({ length: RATINGS }, (_, at) => (loop * 31 + at * 79) % items);
  const profile = { items: own, weights: own.map(() => 1) };
  const scores = open.score(encodeProfile(open.model, profile));
  return topK(scores, 20, own).items[0]!;
}
