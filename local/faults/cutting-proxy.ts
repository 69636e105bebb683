import { connect, createServer, type Socket } from "node:net";

/** When a connection is to die: once it has carried so many bytes to the server, or from it. */
export interface Fuse {
  readonly toServer: number;
  readonly fromServer: number;
}

/** A TCP proxy that lets go of the connections it carries at whatever point they are. */
export interface CuttingProxy {
  readonly port: number;
  /** Connections that it has let go of. */
  readonly cuts: number;
  stop(): Promise<void>;
}

/**
 * Carries connections to a port on loopback; one that nobody listens on ends the connection.
 *
 * @param fuse asked for every connection; null lets it live.
 * @param port where it listens; 0 for any free port.
 */
export async function startCuttingProxy(
  toPort: number,
  fuse: () => Fuse | null,
  port = 0,
): Promise<CuttingProxy> {
  const carried = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect({ host: "127.0.0.1", port: toPort, noDelay: true });
    carried.add(client);
    const end = () => {
      carried.delete(client);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on("error", end).on("close", end);
    const lit = fuse();
    if (lit !== null) {
      const cut = () => {
        cuts++;
        end();
      };
      // The chunk that reaches the limit still goes out: the server may act on it, unheard.
      burn(client, lit.toServer, cut);
      burn(upstream, lit.fromServer, cut);
    }
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    get cuts() {
      return cuts;
    },
    stop: async () => {
      for (const socket of carried) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function burn(socket: Socket, bytes: number, cut: () => void): void {
  let carried = 0;
  socket.on("data", (chunk) => {
    carried += chunk.length;
    if (carried >= bytes && carried - chunk.length < bytes) setImmediate(cut);
  });
}
