import { connect } from "node:net";
import { createWebSocketStream, WebSocketServer } from "ws";

/** The WebSocket door that the Neon driver knocks on. */
export interface NeonProxy {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Carries the Neon driver's WebSocket to the local Postgres, byte for byte, as Neon's own proxy does.
 *
 * The address that the driver asks for is ignored: this proxy leads to one Postgres and nowhere else.
 */
export async function startNeonProxy(postgresPort: number): Promise<NeonProxy> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  server.on("connection", (webSocket) => {
    const socket = connect({ host: "127.0.0.1", port: postgresPort, noDelay: true });
    const stream = createWebSocketStream(webSocket);
    stream.on("error", () => socket.destroy());
    socket.on("error", () => webSocket.terminate());
    socket.on("close", () => webSocket.close());
    stream.pipe(socket).pipe(stream);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    stop: () => stopServer(server),
  };
}

function stopServer(server: WebSocketServer): Promise<void> {
  for (const client of server.clients) client.close(1001);
  return new Promise((resolve) => server.close(() => resolve()));
}
