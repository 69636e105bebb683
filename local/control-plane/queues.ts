import { type Context, Hono } from "hono";
import * as v from "valibot";
import { type Account, newId, type Queue } from "./account.ts";
import { envelope, jsonBody, refuse } from "./answer.ts";
import type { FaultVariables } from "./faults.ts";
import { page } from "./namespaces.ts";

const QueueSchema = v.object({
  queue_name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/)),
});

const ConsumerSchema = v.object({
  type: v.literal("worker"),
  script_name: v.string(),
  dead_letter_queue: v.optional(v.string()),
  settings: v.optional(v.unknown()),
});
type AskedConsumer = v.InferOutput<typeof ConsumerSchema>;

const NOT_FOUND = { status: 404, code: 11000, message: "queue not found" } as const;

/** Queues and their consumers. A queue has one consumer Worker at most (11004). */
export function queueRoutes(account: Account) {
  const routes = new Hono<FaultVariables>();
  routes.get("/", (c) => {
    const names = c.req.queries("name");
    const all = [...account.queues].map(([id, queue]) => described(account, id, queue));
    return page(
      c,
      names === undefined ? all : all.filter((queue) => names.includes(queue.queue_name)),
    );
  });
  routes.post("/", async (c) => {
    const body = await jsonBody(c);
    if ("refusal" in body) return body.refusal;
    const asked = v.safeParse(QueueSchema, body.value);
    if (!asked.success) return refuse(c, { status: 400, code: 11003, message: "invalid name" });
    const name = asked.output.queue_name;
    if ([...account.queues.values()].some((queue) => queue.name === name)) {
      const message = `Queue name '${name}' is already taken. Please use a different name and try again.`;
      return refuse(c, { status: 409, code: 11009, message });
    }
    const id = newId();
    const queue = { name, consumers: new Map() };
    account.queues.set(id, queue);
    return c.json(envelope(described(account, id, queue)));
  });
  routes.delete("/:queue", (c) =>
    account.queues.delete(c.req.param("queue")) ? c.json(envelope(null)) : refuse(c, NOT_FOUND),
  );
  routes.post("/:queue/consumers", (c) =>
    withConsumer(c, account, (queue, asked) => {
      if (queue.consumers.size > 0) {
        return refuse(c, {
          status: 400,
          code: 11004,
          message: "workers.api.error.consumer_exists",
        });
      }
      return attach(c, queue, newId(), asked);
    }),
  );
  routes.put("/:queue/consumers/:consumer", (c) =>
    withConsumer(c, account, (queue, asked) => {
      const id = c.req.param("consumer");
      if (!queue.consumers.has(id)) {
        return refuse(c, { status: 404, code: 11006, message: "consumer not found" });
      }
      return attach(c, queue, id, asked);
    }),
  );
  routes.delete("/:queue/consumers/:consumer", (c) => {
    const queue = account.queues.get(c.req.param("queue"));
    if (queue?.consumers.delete(c.req.param("consumer")) === true) return c.json(envelope(null));
    return refuse(c, { status: 404, code: 11006, message: "consumer not found" });
  });
  return routes;
}

async function withConsumer(
  c: Context<FaultVariables>,
  account: Account,
  act: (queue: Queue, asked: AskedConsumer) => Response,
): Promise<Response> {
  const queue = account.queues.get(c.req.param("queue") ?? "");
  if (queue === undefined) return refuse(c, NOT_FOUND);
  const body = await jsonBody(c);
  if ("refusal" in body) return body.refusal;
  const asked = v.safeParse(ConsumerSchema, body.value);
  if (!asked.success) return refuse(c, { status: 400, code: 11002, message: "invalid consumer" });
  if (!account.scripts.has(asked.output.script_name)) {
    return refuse(c, { status: 400, code: 11001, message: "queue handler is missing" });
  }
  return act(queue, asked.output);
}

function attach(
  c: Context<FaultVariables>,
  queue: Queue,
  id: string,
  asked: AskedConsumer,
): Response {
  queue.consumers.set(id, {
    script: asked.script_name,
    deadLetterQueue: asked.dead_letter_queue ?? null,
    settings: asked.settings ?? {},
  });
  return c.json(envelope({ consumer_id: id, type: "worker", script: asked.script_name }));
}

function described(account: Account, id: string, { name, consumers }: Queue) {
  const producers = [...account.scripts.values()].filter((script) => produces(script, name));
  return {
    queue_id: id,
    queue_name: name,
    producers: producers.map((script) => ({ type: "worker", script: script.name })),
    producers_total_count: producers.length,
    consumers: [...consumers].map(([consumer_id, consumer]) => ({
      consumer_id,
      type: "worker",
      script: consumer.script,
      dead_letter_queue: consumer.deadLetterQueue,
      settings: consumer.settings,
    })),
    consumers_total_count: consumers.size,
  };
}

function produces(
  script: { versions: Map<string, { bindings: readonly { type: string }[] }> },
  queue: string,
): boolean {
  return [...script.versions.values()].some(({ bindings }) =>
    bindings.some(
      (binding) =>
        binding.type === "queue" && "queue_name" in binding && binding.queue_name === queue,
    ),
  );
}
