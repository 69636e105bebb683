/**
 * What became of the events: every cleaning rule counts the rows it saw, kept and dropped, with up
 * to three examples for a person to look at.
 */

/** Rules in the order in which they are applied. */
const RULES = ["type", "value", "time", "removed", "bot", "duplicate", "rare"] as const;
export type RuleName = (typeof RULES)[number];

export interface RuleReport {
  rule: RuleName;
  /** Rows that reached the rule; `seen = kept + dropped`. */
  seen: number;
  kept: number;
  dropped: number;
  /** Up to three sentences about dropped rows. */
  examples: string[];
}

export interface CleaningReport {
  seen: number;
  kept: number;
  dropped: number;
  rules: RuleReport[];
}

const EXAMPLES = 3;

/** Counts what each rule did. */
export class CleaningLog {
  readonly #rules = new Map<RuleName, RuleReport>(
    RULES.map((rule) => [rule, { rule, seen: 0, kept: 0, dropped: 0, examples: [] }]),
  );

  keep(rule: RuleName, rows = 1): void {
    const report = this.#rules.get(rule)!;
    report.seen += rows;
    report.kept += rows;
  }

  /** `example` is only called while the rule still wants examples. */
  drop(rule: RuleName, rows: number, example: () => string): void {
    const report = this.#rules.get(rule)!;
    report.seen += rows;
    report.dropped += rows;
    if (report.examples.length < EXAMPLES) report.examples.push(example());
  }

  report(): CleaningReport {
    const rules = RULES.map((rule) => this.#rules.get(rule)!);
    const dropped = rules.reduce((sum, rule) => sum + rule.dropped, 0);
    const seen = rules[0]!.seen;
    return { seen, kept: seen - dropped, dropped, rules };
  }
}
