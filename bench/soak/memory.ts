import { residentMb } from "../process-usage.ts";

/** Resident memory of a process over time. */
export class MemoryWatch {
  readonly #samples: number[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #pid: number;

  /** @param everyMs between two looks. */
  constructor(pid: number, everyMs: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => this.look(), everyMs);
  }

  /** MB now. */
  look(): number {
    const megabytes = residentMb(this.#pid);
    this.#samples.push(megabytes);
    return megabytes;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  get peakMb(): number {
    return Math.max(...this.#samples);
  }

  /**
   * The last fifth over the second one, by their medians: 1 is flat. The first fifth is left out,
   * in which caches fill.
   */
  get growth(): number {
    const fifth = Math.max(1, Math.floor(this.#samples.length / 5));
    return median(this.#samples.slice(-fifth)) / median(this.#samples.slice(fifth, 2 * fifth));
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
