/**
 * What the service said instead of an answer (RFC 9457), or why there was none.
 *
 * `code` is stable: the service's own (`BAD_PARAMETER`, `RATE_LIMITED`), or `TIMEOUT` and
 * `UNREACHABLE` with status 0. `message` says what to do.
 */
export class UsherProblem extends Error {
  readonly status: number;
  readonly code: string;
  /** The whole problem document; empty where nobody answered. */
  readonly document: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    message: string,
    document: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "UsherProblem";
    this.status = status;
    this.code = code;
    this.document = document;
  }
}

/** The problem that an answer tells, whatever its body is. */
export async function problemOf(answer: Response): Promise<UsherProblem> {
  const document = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  const { title = "UNEXPECTED_ANSWER", detail } = document;
  const message = String(detail ?? `The service answered ${answer.status}.`);
  return new UsherProblem(answer.status, String(title), message, document);
}
