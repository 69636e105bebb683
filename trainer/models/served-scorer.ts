import { type Matrix, multiplyInto, transposed, upload } from "../backend.ts";
import type { Csr } from "../csr.ts";
import { encodeProfiles } from "./encode.ts";
import type { ServedModel } from "./model.ts";

/** Scores with the weights that the edge serves, on the backend. Dispose it after use. */
export class ServedScorer {
  readonly #served: ServedModel;
  /** The rows' transpose: dimensions x items. */
  readonly #rowsT: Matrix;

  constructor(served: ServedModel) {
    this.#served = served;
    const rows = upload(served.rows, served.items, served.dimensions);
    this.#rowsT = transposed(rows);
    rows.dispose();
  }

  /** Scores of every item for each profile into `out`, profiles x items, row-major. */
  score(profiles: Csr, out: Float32Array): void {
    if (profiles.rows === 0) return;
    const { dimensions } = this.#served;
    const users = new Float32Array(profiles.rows * dimensions);
    encodeProfiles(this.#served, profiles, users);
    const left = upload(users, profiles.rows, dimensions);
    multiplyInto(left, this.#rowsT, out);
    left.dispose();
  }

  dispose(): void {
    this.#rowsT.dispose();
  }
}
