import { expect, test } from "vitest";
import { rolloutCommand } from "./rollout.ts";

test.each(["", "usher-api.example.workers.dev", "ftp://usher.example"])(
  "an API at %j is refused before anything is uploaded",
  async (api) => {
    const command = rolloutCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => {} });
    const parsed = command.parseAsync(["--tag", "v1", "--api", api], { from: "user" });
    await expect(parsed).rejects.toThrow("an origin, such as https://");
  },
);

test("the slash at the end of an origin is not asked for twice", () => {
  const command = rolloutCommand().action(() => {});
  command.parse(["--tag", "v1", "--api", "https://usher.example/"], { from: "user" });
  expect(command.opts()["api"]).toBe("https://usher.example");
});
