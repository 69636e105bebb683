import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type LocalCloud, startCloud } from "./cloud.ts";
import { homeAt } from "./home.ts";
import { relocatedHome } from "./postgres-account.ts";

/**
 * A local cloud of its own, for a test or a benchmark: any free port, no clock; `stop` leaves nothing
 * behind.
 *
 * @param vars overrides of the Workers' variables, by name.
 */
export async function startTemporaryCloud(
  vars: Readonly<Record<string, string>> = {},
): Promise<LocalCloud> {
  const root = await mkdtemp(path.join(tmpdir(), "usher-cloud-"));
  const home = homeAt(root);
  const remove = async () => {
    await rm(root, { recursive: true, force: true });
    await rm(relocatedHome(home.postgres), { recursive: true, force: true });
  };
  try {
    const cloud = await startCloud({ home, cronClock: false, vars });
    const stop = () => cloud.stop().finally(remove);
    return { ...cloud, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}
