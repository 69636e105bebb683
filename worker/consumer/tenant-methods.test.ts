import { expect, test } from "vitest";
import type { ConsumerEnv } from "./environment.ts";
import { parkMessages } from "./park.ts";
import { environmentOf, methodsOf } from "./tenant-methods.ts";

function environment() {
  const written: string[] = [];
  const env = {
    DATABASE_URL: "postgres://usher@127.0.0.1/usher",
    RELEASES: { put: async (key: string) => void written.push(key) },
  } as Partial<ConsumerEnv> as ConsumerEnv;
  return { env, written };
}

/** An entrypoint as the Worker has them: methods that use the bindings it was made with. */
class Asked {
  readonly #env: ConsumerEnv;
  constructor(_: ExecutionContext, env: ConsumerEnv) {
    this.#env = env;
  }
  of(): string {
    return "another";
  }
  where(about: string): string {
    return `${about}: ${this.#env.DATABASE_URL}`;
  }
}

const CONTEXT = {} as ExecutionContext;

test("an entrypoint's methods work on the tenant's bindings, and hand out no other tenant", () => {
  const methods = methodsOf(Asked, CONTEXT, environment().env, "acme");
  expect(methods.where("ada")).toBe("ada: postgres://usher@127.0.0.1/usher_acme");
  expect(Object.keys(methods)).toEqual(["where"]);
});

test("what is no tenant's name opens nothing", () => {
  for (const name of ["", "../usher", "acme/", "ACME"]) {
    expect(() => methodsOf(Asked, CONTEXT, environment().env, name)).toThrow("no tenant's name");
  }
});

test("a tenant's dead letters are parked below its prefix, the deployment's own as ever", async () => {
  const { env, written } = environment();
  const message = { id: "7", body: {} };
  await parkMessages(environmentOf(env, "acme").RELEASES, [message]);
  await parkMessages(environmentOf(env, null).RELEASES, [message]);
  expect(written).toEqual(["t/acme/dead/7", "dead/7"]);
});
