/** What an isolate's memory holds, asked of workerd's inspector. */
import { WebSocket } from "ws";

/** Bytes of one isolate. */
export interface IsolateMemory {
  /** Objects and strings in use. */
  readonly heap: number;
  /** ArrayBuffers and WebAssembly memory, which lie beside the heap. */
  readonly buffers: number;
}

/** The inspector of one Worker's isolate. */
export interface MemoryProbe {
  /** @param collect lets the isolate collect its garbage first. */
  read(collect?: boolean): Promise<IsolateMemory>;
  close(): void;
}

interface Target {
  readonly id: string;
  readonly title: string;
  readonly webSocketDebuggerUrl: string;
}

/**
 * @param worker the name of the Worker's service.
 * @param url of it: an isolate collects its garbage only while it is asked something.
 */
export async function probeMemory(
  inspector: string,
  worker: string,
  url: string,
): Promise<MemoryProbe> {
  const targets = (await (await fetch(`http://${inspector}/json`)).json()) as Target[];
  const target = targets.find(({ id, title }) => `${id} ${title}`.includes(worker));
  if (target === undefined) throw new Error(`No ${worker} in ${JSON.stringify(targets)}`);
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  let last = 0;
  const waiting = new Map<number, (result: Record<string, number>) => void>();
  socket.on("message", (data) => {
    const { id, result } = JSON.parse(String(data)) as {
      id: number;
      result: Record<string, number>;
    };
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  const ask = (method: string) =>
    new Promise<Record<string, number>>((resolve) => {
      const id = ++last;
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method }));
    });
  return {
    read: async (collect = false) => {
      if (collect) await busy(url, ask("HeapProfiler.collectGarbage"));
      const { usedSize = 0, backingStorageSize = 0 } = await ask("Runtime.getHeapUsage");
      return { heap: usedSize, buffers: backingStorageSize };
    },
    close: () => socket.terminate(),
  };
}

/** Keeps a Worker answering until something is done. */
async function busy(url: string, work: Promise<unknown>): Promise<void> {
  let done = false;
  const noted = work.then(() => {
    done = true;
  });
  while (!done) await (await fetch(url)).text();
  await noted;
}
