import { UsherError } from "../../release/error.ts";

/** Lets work go on behind the answer: the platform ends with it whatever nobody keeps alive. */
export type WaitUntil = (work: Promise<unknown>) => void;

/**
 * What `work` gives, if it gives it in time. Late work goes on behind the answer, so that what it
 * reads is there for the next one.
 *
 * @param what names the work in the error.
 * @throws UsherError `TOO_SLOW` after `ms` milliseconds.
 */
export async function inTime<T>(
  work: Promise<T>,
  ms: number,
  what: string,
  waitUntil: WaitUntil,
): Promise<T> {
  waitUntil(work.catch(() => {}));
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<never>((_, reject) => {
    const error = new UsherError("TOO_SLOW", `${what} took over ${ms} ms`);
    timer = setTimeout(() => reject(error), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
