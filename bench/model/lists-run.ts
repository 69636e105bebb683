/** Makes one release of generated data in a temporary directory; prints seconds and peak memory. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planLists } from "../../trainer/lists-plan.ts";
import { releaseJob } from "../../trainer/lists-release.ts";
import { generateModel, generateProfiles, type ListsRun, type Workload } from "./lists-workload.ts";

const workload = JSON.parse(process.argv[2]!) as Workload;
const { users, items, dimensions, threads } = workload;
const profiles = generateProfiles(users, items);
const served = generateModel(workload);
const userIds = Array.from({ length: users }, (_, user) => `user-${user}`);
const directory = await mkdtemp(join(tmpdir(), "usher-bench-lists-"));
try {
  const started = performance.now();
  const before = process.cpuUsage();
  const job = {
    served,
    profiles,
    ...planLists(userIds),
    createdAt: new Date(),
    values: [],
    facts: {
      code: "bench",
      dataset: {
        hash: "generated",
        watermark: null,
        users,
        items,
        interactions: profiles.indices.length,
      },
      model: {
        name: "generated",
        kind: served.hidden > 0 ? "hybrid" : "linear",
        dimensions,
        settings: {},
      },
      metrics: {},
      baseline: { name: "none", metrics: {} },
      gate: { passed: true, reasons: [], forced: false },
    },
  };
  await releaseJob(job, directory, { threads });
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  const coreSeconds = (user + system) / 1e6;
  const peakMb = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(JSON.stringify({ seconds, coreSeconds, peakMb } satisfies ListsRun));
} finally {
  await rm(directory, { recursive: true });
}
