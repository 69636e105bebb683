import path from "node:path";
import type { Home } from "../local/home.ts";
import { UsherError } from "../release/error.ts";
import { folderStore } from "../trainer/snapshots/folder-store.ts";
import { s3Store } from "../trainer/snapshots/s3-store.ts";
import type { SnapshotStore } from "../trainer/snapshots/store.ts";
import { askedTenant } from "./tenant-surroundings.ts";

const BUCKET = ["USHER_BUCKET_URL", "USHER_BUCKET_KEY_ID", "USHER_BUCKET_SECRET"] as const;

/**
 * Where snapshots are kept: the bucket that the environment names, else a folder of the home. A tenant's
 * lie apart, in its own home or below `tenants/` in the bucket.
 *
 * @throws UsherError `ENVIRONMENT_INCOMPLETE` when only some of the variables are set.
 */
export function snapshotStore(home: Home): SnapshotStore {
  return snapshotBucket(askedTenant()) ?? folderStore(path.join(home.root, "snapshots"));
}

/**
 * The part of the bucket that is a tenant's, or all of it; null where the environment names none.
 *
 * @throws UsherError `ENVIRONMENT_INCOMPLETE`.
 */
export function snapshotBucket(tenant: string | null): SnapshotStore | null {
  const [url, accessKeyId, secretAccessKey] = BUCKET.map((name) => process.env[name] ?? "");
  const missing = BUCKET.filter((name) => (process.env[name] ?? "") === "");
  if (missing.length === BUCKET.length) return null;
  if (missing.length === 0) {
    const bucket = s3Store({
      url: url!.replace(/\/$/, ""),
      accessKeyId: accessKeyId!,
      secretAccessKey: secretAccessKey!,
    });
    return tenant === null ? bucket : below(`tenants/${tenant}/`, bucket);
  }
  throw new UsherError(
    "ENVIRONMENT_INCOMPLETE",
    `A bucket for snapshots needs ${BUCKET.join(", ")}; ${missing.join(", ")} not set.`,
  );
}

function below(own: string, store: SnapshotStore): SnapshotStore {
  return {
    place: `${store.place}/${own}`,
    read: (key) => store.read(own + key),
    write: (key, bytes) => store.write(own + key, bytes),
    list: async (prefix) => (await store.list(own + prefix)).map((key) => key.slice(own.length)),
    delete: (key) => store.delete(own + key),
  };
}
