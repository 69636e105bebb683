/** What a benchmark is: one file `bench/<group>/<part>.bench.ts` with a default export of this shape. */
export interface Benchmark {
  /** One line: what is measured against what. */
  readonly title: string;
  /**
   * Measures and gives flat figures; ratios are against a baseline of the same run, because machines
   * are shared and noisy. `say` prints a line for the person who waits.
   */
  run(say: (line: string) => void): Promise<Figures>;
}

/** Figures by their stable name, such as `recommend_vs_hello`. */
export type Figures = Readonly<Record<string, number>>;
