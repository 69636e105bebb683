import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { SnapshotStore } from "./store.ts";

/** Snapshots in a folder of this machine. */
export function folderStore(root: string): SnapshotStore {
  const at = (key: string) => path.join(root, key);
  return {
    place: root,
    read: (key) => readFile(at(key)).catch(absent),
    async write(key, bytes) {
      const target = at(key);
      await mkdir(path.dirname(target), { recursive: true });
      // Written beside and renamed: a file with its name is whole.
      const draft = `${target}.${randomBytes(4).toString("hex")}.draft`;
      await writeFile(draft, bytes);
      await rename(draft, target);
    },
    async list(prefix) {
      const folder = at(prefix);
      const names = await readdir(folder).catch(() => []);
      return names
        .filter((name) => !name.endsWith(".draft"))
        .map((name) => prefix + name)
        .sort();
    },
    delete: (key) => rm(at(key), { force: true }),
  };
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}
