import { Cron } from "croner";
import type { LocalWorkers } from "./workerd.ts";

/** Fires the Workers' cron triggers as the platform would, in UTC. */
export interface CronClock {
  stop(): Promise<void>;
}

/** Starts the clock for every trigger that the Workers' configurations name. */
export function startCronClock(
  workers: Pick<LocalWorkers, "crons" | "runCron">,
  onError: (error: unknown) => void = () => {},
): CronClock {
  const running = new Set<Promise<void>>();
  const fire = (cron: string) => {
    const run = workers.runCron(cron).catch(onError);
    running.add(run);
    run.finally(() => running.delete(run));
    return run;
  };
  const jobs = workers.crons.map(
    (cron) => new Cron(cron, { timezone: "UTC", protect: true }, () => fire(cron)),
  );
  return {
    stop: async () => {
      for (const job of jobs) job.stop();
      await Promise.all(running);
    },
  };
}
