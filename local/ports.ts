import { createServer } from "node:net";
import { UsherError } from "../release/error.ts";

/** Asks the system for a TCP port on loopback that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/**
 * Makes sure that `port` can be listened on before anything is started.
 *
 * @throws UsherError `PORT_IN_USE` naming the port and the flag that changes it.
 */
export async function requireFreePort(port: number, flag: string): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(portError(port, flag, error)));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(port)));
  });
}

function portError(port: number, flag: string, error: NodeJS.ErrnoException): UsherError {
  const why =
    error.code === "EADDRINUSE"
      ? `Port ${port} on 127.0.0.1 is already in use by another program.`
      : `Port ${port} on 127.0.0.1 cannot be used (${error.code ?? error.message}).`;
  return new UsherError(
    "PORT_IN_USE",
    `${why} Stop that program, choose another port with ${flag} PORT, or leave ${flag} out: a free port is then chosen.`,
  );
}
