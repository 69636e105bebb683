/** What a soak has seen so far. Everything that is wrong is counted, and the first of each kind told. */
export class Ledger {
  answers = 0;
  /** Answers that went around something that failed; complete all the same. */
  degraded = 0;
  /** Ids of the events that were accepted: each must be in Postgres, once. */
  readonly acceptedEvents: string[] = [];
  readonly answersByRelease = new Map<string, number>();
  readonly #wrong = new Map<string, number>();
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** Counts something wrong. @param kind such as `list differs`. */
  wrong(kind: string, detail: string): void {
    const before = this.#wrong.get(kind) ?? 0;
    this.#wrong.set(kind, before + 1);
    if (before === 0) this.#say(`WRONG (${kind}): ${detail.slice(0, 300)}`);
  }

  answered(release: string): void {
    this.answers++;
    this.answersByRelease.set(release, (this.answersByRelease.get(release) ?? 0) + 1);
  }

  get wrongAnswers(): number {
    let sum = 0;
    for (const count of this.#wrong.values()) sum += count;
    return sum;
  }
}
