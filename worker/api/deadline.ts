import { UsherError } from "../../release/error.ts";

/**
 * What `work` gives, if it gives it in time.
 *
 * Work that is late goes on: who started it may keep it alive and find its result next time.
 *
 * @throws UsherError `TOO_SLOW` after `ms` milliseconds.
 */
export async function withDeadline<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
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
