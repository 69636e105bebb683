import type { ImportFormat } from "./format.ts";
import { gorse } from "./gorse.ts";
import { interactionLists } from "./interaction-lists.ts";
import { movielens100k } from "./movielens-100k.ts";
import { movielensCsv } from "./movielens-csv.ts";
import { movielensDat } from "./movielens-dat.ts";
import { personalize } from "./personalize.ts";

/** Every format that `usher import` reads, in the order in which they are tried. */
export const IMPORT_FORMATS: readonly ImportFormat[] = [
  movielensCsv,
  movielensDat,
  movielens100k,
  interactionLists,
  gorse,
  personalize,
];
