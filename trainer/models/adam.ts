/**
 * Adam (Kingma & Ba 2015, algorithm 1) over one flat array of parameters.
 */
const BETA1 = 0.9;
const BETA2 = 0.99;
const EPSILON = 1e-8;

export class Adam {
  readonly #mean: Float32Array;
  readonly #square: Float32Array;
  #steps = 0;

  constructor(parameters: number) {
    this.#mean = new Float32Array(parameters);
    this.#square = new Float32Array(parameters);
  }

  /** Moves `parameters` against `gradient`, in place; one fused pass over memory. */
  step(parameters: Float32Array, gradient: Float32Array, learningRate: number): void {
    this.#steps++;
    const mean = this.#mean;
    const square = this.#square;
    const meanBias = 1 - BETA1 ** this.#steps;
    const squareBias = 1 - BETA2 ** this.#steps;
    const rate = learningRate / meanBias;
    for (let at = 0; at < parameters.length; at++) {
      const slope = gradient[at]!;
      const m = BETA1 * mean[at]! + (1 - BETA1) * slope;
      const s = BETA2 * square[at]! + (1 - BETA2) * slope * slope;
      mean[at] = m;
      square[at] = s;
      parameters[at]! -= (rate * m) / (Math.sqrt(s / squareBias) + EPSILON);
    }
  }
}
