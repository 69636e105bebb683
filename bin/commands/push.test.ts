import { expect, test } from "vitest";
import { pushCommand } from "./push.ts";

test.each(["--plan", "--no-stage"])(
  "lists that the Workers make are refused with %s, before anything is looked for",
  async (option) => {
    const command = pushCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => {} });
    const args = ["unlisted-3f2c", "--lists-at-edge", option];
    await expect(command.parseAsync(args, { from: "user" })).rejects.toMatchObject({
      code: "commander.conflictingOption",
    });
  },
);
