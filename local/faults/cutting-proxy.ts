import { connect, createServer, type Socket } from "node:net";

/** A TCP proxy that can let go of every connection it carries. */
export interface CuttingProxy {
  readonly port: number;
  /** Ends all connections at once, wherever they are: a reply of Postgres may be on its way. */
  cut(): number;
  stop(): Promise<void>;
}

/**
 * Carries connections to a port on loopback; one that nobody listens on ends the connection.
 *
 * @param port where it listens; 0 for any free port.
 */
export async function startCuttingProxy(toPort: number, port = 0): Promise<CuttingProxy> {
  const carried = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect({ host: "127.0.0.1", port: toPort, noDelay: true });
    carried.add(client);
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
    client.on("close", () => {
      carried.delete(client);
      upstream.destroy();
    });
    upstream.on("close", () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  const cut = () => {
    const count = carried.size;
    for (const socket of carried) socket.destroy();
    return count;
  };
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    cut,
    stop: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
