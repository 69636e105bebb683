import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

/** A process of this machine. */
export interface ProcessEntry {
  readonly pid: number;
  /** The process that started it. */
  readonly parent: number;
}

/** Running processes whose program bears this name; none where there is no way to tell (Windows). */
export async function processesNamed(name: string): Promise<ProcessEntry[]> {
  const all = process.platform === "linux" ? await fromProc() : await fromPs();
  return all.filter((entry) => entry.name === name);
}

/** The same, of those that this process started. */
export async function childrenNamed(name: string): Promise<number[]> {
  const all = await processesNamed(name);
  return all.filter(({ parent }) => parent === process.pid).map(({ pid }) => pid);
}

type NamedProcess = ProcessEntry & { readonly name: string };

/** `/proc/PID/stat` is "PID (name) state parent …". A small Linux image has it, and no `ps`. */
async function fromProc(): Promise<NamedProcess[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const stats = await Promise.all(
    // A process may end between being listed and being read.
    pids.map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")),
  );
  return stats.flatMap((stat) => {
    const [, pid, name, parent] = /^(\d+) \((.*)\) \S (\d+)/.exec(stat) ?? [];
    return name === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), name }];
  });
}

async function fromPs(): Promise<NamedProcess[]> {
  const columns = ["-A", "-o", "pid=,ppid=,comm="];
  const listing = await promisify(execFile)("ps", columns).catch(() => null);
  return (listing?.stdout ?? "").split("\n").map((line) => {
    const [pid, parent, program = ""] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), name: path.basename(program) };
  });
}
