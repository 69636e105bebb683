/** A typed client of Usher: no dependencies, the same code in pages, Workers and Node. */
export type { Cursors } from "./cursors.ts";
export type * from "./interface.ts";
export { UsherProblem } from "./problem.ts";
export { Usher, type UsherOptions } from "./usher.ts";
