import { listId, type ShownList, type UserExposure } from "../../events/exposures.ts";
import { armName, type Exposure } from "../../experiments/assignment.ts";

/** What one answer showed. */
export interface Shown {
  readonly release: string;
  readonly items: readonly string[];
  /** Of an interleaved answer: the arm that each item stands for. */
  readonly teams: readonly (0 | 1)[] | null;
}

interface Held extends Omit<UserExposure, "lists"> {
  lastAt: number;
  answers: number;
  readonly lists: Map<string, ShownList>;
}

/**
 * What one isolate showed to users in experiments since its last flush. It lives in memory alone:
 * what it holds when the platform ends the isolate is lost, of all arms alike.
 */
export class ExposureBuffer {
  #held = new Map<string, Held>();
  #lists = 0;
  /** Epoch ms by which what it holds should have left. */
  dueAt = 0;

  /** Users and lists that it holds. */
  get size(): number {
    return this.#held.size + this.#lists;
  }

  /** @param now epoch ms. */
  add(exposure: Exposure, userId: string, shown: Shown, now: number): void {
    const experimentId = exposure.experiment.id;
    const arm = armName(exposure);
    const key = `${experimentId}\n${arm}\n${userId}`;
    const held = this.#held.get(key) ?? {
      experimentId,
      userId,
      arm,
      firstAt: now,
      lastAt: now,
      answers: 0,
      lists: new Map(),
    };
    held.lastAt = now;
    held.answers++;
    this.#held.set(key, held);
    const list = {
      release: shown.release,
      servedAt: now,
      items: [...shown.items],
      teams: exposure.arm === null && shown.teams !== null ? [...shown.teams] : null,
    };
    const id = listId(experimentId, userId, list);
    if (held.lists.has(id)) return;
    held.lists.set(id, { id, ...list });
    this.#lists++;
  }

  /** Everything since the last time. */
  take(): UserExposure[] {
    const taken = [...this.#held.values()].map((held) => ({
      ...held,
      lists: [...held.lists.values()],
    }));
    this.#held = new Map();
    this.#lists = 0;
    return taken;
  }
}
