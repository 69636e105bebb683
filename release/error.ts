/**
 * An error meant for the person who reads it: what happened, where, and what to do.
 *
 * `code` is stable and machine-readable (`SHARD_CORRUPT`, `PORT_IN_USE`); `message` is a sentence.
 */
export class UsherError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UsherError";
    this.code = code;
  }
}
