/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly verdict: "good" | "warning" | "failure";
  /** What was found. */
  readonly says: string;
  /** What to do; absent when all is good. */
  readonly advice?: string;
}

export function good(name: string, says: string): Check {
  return { name, verdict: "good", says };
}

export function warning(name: string, says: string, advice: string): Check {
  return { name, verdict: "warning", says, advice };
}

export function failure(name: string, says: string, advice: string): Check {
  return { name, verdict: "failure", says, advice };
}

/** Makes checks, or one failure that says why they could not be made. */
export async function checked(
  name: string,
  advice: string,
  make: () => Promise<Check[]>,
): Promise<Check[]> {
  try {
    return await make();
  } catch (error) {
    return [failure(name, error instanceof Error ? error.message : String(error), advice)];
  }
}
