import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Surroundings, surroundingsOf } from "../bin/surroundings.ts";
import { type CloudOptions, type LocalCloud, startCloud } from "../local/cloud.ts";
import { homeAt } from "../local/home.ts";
import { relocatedHome } from "../local/postgres-account.ts";
import { type SyntheticShape, writeSynthetic } from "../local/synthetic.ts";

/** A whole cloud of a test's own: nothing of it is shared with another test, or left behind. */
export interface TestCloud extends LocalCloud {
  readonly around: Surroundings;
  /** A folder for files of the test. */
  readonly scratch: string;
}

/** Small enough to be trained in a second, large enough to have tastes. */
const SHAPE: SyntheticShape = { users: 240, items: 300, ratingsPerUser: 40, seed: 7 };

/** Starts Postgres, workerd with the three Workers, and the control plane, in a temporary home. */
export async function startTestCloud(options: Partial<CloudOptions> = {}): Promise<TestCloud> {
  const root = await temporaryFolder();
  const home = options.home ?? homeAt(path.join(root, "home"));
  const cloud = await startCloud({
    cronClock: false,
    // The home is removed with the cloud, and the database with it, unless it is the caller's own.
    drainQueue: options.home !== undefined,
    ...options,
    home,
    vars: { POINTER_REFRESH_SECONDS: "0", ...options.vars },
  });
  return {
    ...cloud,
    around: surroundingsOf(cloud),
    scratch: root,
    stop: async () => {
      await cloud.stop();
      await removeFolder(root);
    },
  };
}

/** A temporary folder that Postgres' own account may walk through when root runs the tests. */
export async function temporaryFolder(): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), "usher-test-"));
  await chmod(root, 0o755);
  return root;
}

/** Removes a temporary folder, with what Postgres may keep elsewhere for a home in it. */
export async function removeFolder(root: string): Promise<void> {
  const elsewhere = relocatedHome(homeAt(path.join(root, "home")).postgres);
  await rm(elsewhere, { recursive: true, force: true });
  await rm(root, { recursive: true, force: true });
}

/** Writes synthetic ratings into a folder and gives it. */
export async function syntheticRatings(
  folder: string,
  shape: Partial<SyntheticShape> = {},
): Promise<string> {
  const target = path.join(folder, "ratings");
  await writeSynthetic(target, { ...SHAPE, ...shape });
  return target;
}
