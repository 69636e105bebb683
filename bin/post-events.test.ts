import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { postEvents } from "./post-events.ts";

let server: Server;
let api: string;
let answers: ((response: ServerResponse) => void)[];

beforeEach(async () => {
  answers = [];
  server = createServer((request, response) => {
    request.resume();
    (answers.shift() ?? accepted)(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => server.close());

function accepted(response: ServerResponse): void {
  response.writeHead(202).end(JSON.stringify({ accepted: 1, duplicates: 0, rejected: 0 }));
}

const badGateway = (response: ServerResponse) => response.writeHead(502).end("<html>");

test("a call that fails in passing is made again, whatever the answer is written in", async () => {
  answers = [badGateway, badGateway];
  expect(await postEvents(api, undefined, [], 1)).toMatchObject({ accepted: 1 });
});

test("an API that stays away is told as such", async () => {
  answers = Array.from({ length: 9 }, () => badGateway);
  await expect(postEvents(api, undefined, [], 1)).rejects.toMatchObject({ code: "EVENTS_REFUSED" });
  server.close();
  server.closeAllConnections();
  await expect(postEvents(api, undefined, [], 1)).rejects.toMatchObject({
    code: "API_UNREACHABLE",
  });
});

test("a refusal is told in the API's words, at once", async () => {
  const detail = "This key may not send events.";
  answers = [(response) => response.writeHead(403).end(JSON.stringify({ detail }))];
  await expect(postEvents(api, "key", [], 1)).rejects.toThrow(detail);
  expect(answers).toEqual([]);
});
