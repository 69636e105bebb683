/** A typed client of Usher: no dependencies, the same code in pages, Workers and Node. */
export type * from "./interface.ts";
export type { Cursors } from "./outbox.ts";
export { UsherProblem } from "./problem.ts";
export { Usher, type UsherOptions } from "./usher.ts";
