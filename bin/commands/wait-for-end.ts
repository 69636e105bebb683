/** A wish to stop: Ctrl-C, a polite kill, or the launcher being gone. */
export interface End {
  /** Settles at the first wish. */
  readonly asked: Promise<void>;
  wasAsked(): boolean;
  /** From here on a further Ctrl-C ends the process at once. */
  stopping(): void;
}

/** npm and the launcher both pass a Ctrl-C on: what comes within this time is the same one, in ms. */
const SAME_WISH_MS = 1_000;

export function waitForEnd(): End {
  let firstAt = 0;
  let stopping = false;
  let settle = () => {};
  const asked = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const wish = () => {
    const now = Date.now();
    if (firstAt === 0) firstAt = now;
    else if (stopping && now - firstAt > SAME_WISH_MS) process.exit(130);
    settle();
  };
  process.on("SIGINT", wish);
  process.on("SIGTERM", wish);
  // Once we are stopping the channel has done its work; that we close it ourselves means nothing.
  process.on("disconnect", () => stopping || wish());
  return {
    asked,
    wasAsked: () => firstAt !== 0,
    stopping: () => {
      stopping = true;
    },
  };
}
