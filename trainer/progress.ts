/** How far a long piece of work has come, for whoever watches. */
interface Progress {
  /** Short stable name of the step: `split`, `fit`, `lists`. */
  step: string;
  /** One sentence for a person. */
  message: string;
  /** Part of the step that is done, 0..1, where it is known. */
  fraction?: number;
}

export type OnProgress = (progress: Progress) => void;
