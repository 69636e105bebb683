/** The account of the stand-in: refusals in Cloudflare's envelope, with the codes that it uses. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane.ts";
import { type Account, emptyAccount } from "./account.ts";

let account: Account;
let plane: ControlPlane;
beforeEach(async () => {
  account = emptyAccount("acc");
  plane = await startControlPlane({ account, token: "t" });
});
afterEach(() => plane.stop());

interface Answer {
  readonly status: number;
  readonly codes: readonly number[];
  readonly result: Record<string, string> & Record<string, string>[];
}

async function ask(method: string, path: string, body?: unknown): Promise<Answer> {
  const form = body instanceof FormData;
  const response = await fetch(`${plane.url}/accounts/acc${path}`, {
    method,
    headers: { authorization: "Bearer t" },
    ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
  });
  const { success, errors, result } = (await response.json()) as {
    success: boolean;
    errors: { code: number }[];
    result: Answer["result"];
  };
  expect(success).toBe(response.ok);
  return {
    status: response.status,
    codes: errors.map(({ code }) => code),
    result,
  };
}

const refusal = ({ status, codes }: Answer) => [status, ...codes];

function upload(bindings: unknown[] = [], main = "index.js"): FormData {
  const form = new FormData();
  form.set("metadata", JSON.stringify({ main_module: main, bindings }));
  form.set("index.js", new File(["export default {};"], "index.js"));
  return form;
}

test("namespaces: a title once, listed in pages, gone after their removal", async () => {
  for (let n = 0; n < 23; n++) await ask("POST", "/storage/kv/namespaces", { title: `n${n}` });
  const twice = await ask("POST", "/storage/kv/namespaces", { title: "n1" });
  expect(refusal(twice)).toEqual([400, 10014]);
  const second = await ask("GET", "/storage/kv/namespaces?page=2&per_page=20");
  expect(second.result.map(({ title }) => title)).toEqual(["n20", "n21", "n22"]);
  const id = second.result[0]!["id"];
  expect((await ask("DELETE", `/storage/kv/namespaces/${id}`)).status).toBe(200);
  expect(refusal(await ask("GET", `/storage/kv/namespaces/${id}/keys`))).toEqual([404, 10013]);
});

test("queues: a name once, one consumer, of a Worker that is there", async () => {
  const { result } = await ask("POST", "/queues", { queue_name: "events" });
  expect(refusal(await ask("POST", "/queues", { queue_name: "events" }))).toEqual([409, 11009]);
  const consumers = `/queues/${result["queue_id"]}/consumers`;
  const consumer = { type: "worker", script_name: "reader" };
  expect(refusal(await ask("POST", consumers, consumer))).toEqual([400, 11001]);
  await ask("PUT", "/workers/scripts/reader", upload());
  expect((await ask("POST", consumers, consumer)).status).toBe(200);
  expect(refusal(await ask("POST", consumers, consumer))).toEqual([400, 11004]);
  expect(refusal(await ask("DELETE", "/workers/scripts/reader?force=true"))).toEqual([400, 10064]);
});

test.each([
  [[{ type: "kv_namespace", name: "KV", namespace_id: "none" }], 10042],
  [[{ type: "queue", name: "Q", queue_name: "none" }], 11000],
  [[{ type: "service", name: "S", service: "none" }], 10143],
])(
  "an upload that binds what is not there is refused, and leaves no Worker: %j",
  async (bindings, code) => {
    expect(refusal(await ask("PUT", "/workers/scripts/w", upload(bindings)))).toEqual([400, code]);
    expect(account.scripts.size).toBe(0);
  },
);

test("an upload needs metadata and its main module", async () => {
  expect(refusal(await ask("PUT", "/workers/scripts/w", upload([], "other.js")))).toEqual([
    400, 10021,
  ]);
  expect(refusal(await ask("PUT", "/workers/scripts/w", new FormData()))).toEqual([400, 10021]);
});

test("a version gets traffic only by a deployment, whose shares sum to 100", async () => {
  await ask("PUT", "/workers/scripts/w", upload());
  const { result } = await ask("POST", "/workers/scripts/w/versions", upload());
  const old = account.scripts.get("w")!.deployments[0]!.versions[0]!.id;
  const share = (first: number, second: number) => ({
    strategy: "percentage",
    versions: [
      { version_id: old, percentage: first },
      { version_id: result["id"], percentage: second },
    ],
  });
  const deployments = "/workers/scripts/w/deployments";
  expect(refusal(await ask("POST", deployments, share(90, 20)))).toEqual([400, 10211]);
  expect(account.scripts.get("w")!.deployments).toHaveLength(1);
  expect((await ask("POST", deployments, share(90, 10))).status).toBe(200);
  expect(account.scripts.get("w")!.deployments[0]!.versions.map((v) => v.percentage)).toEqual([
    90, 10,
  ]);
});

test("without its permission a part of the API is closed, and another account always is", async () => {
  account.permissions.delete("Queues");
  expect(refusal(await ask("GET", "/queues"))).toEqual([403, 10000]);
  expect((await ask("GET", "/workers/scripts")).status).toBe(200);
  const other = await fetch(`${plane.url}/accounts/other/queues`, {
    headers: { authorization: "Bearer t" },
  });
  expect(other.status).toBe(403);
});

test("a secret's name can be read back, its text cannot", async () => {
  await ask("PUT", "/workers/scripts/w", upload());
  const secret = { name: "KEY", text: "hidden", type: "secret_text" };
  await ask("PUT", "/workers/scripts/w/secrets", secret);
  const { result } = await ask("GET", "/workers/scripts/w/secrets");
  expect(result).toEqual([{ name: "KEY", type: "secret_text" }]);
});
