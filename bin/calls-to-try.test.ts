import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { callsToTry } from "./calls-to-try.ts";

/** What a shell makes of a command: its arguments. */
function argumentsOf(call: string): string[] {
  return execFileSync("sh", ["-c", `printf '%s\\n' ${call}`], { encoding: "utf8" }).split("\n");
}

test.each(["ada", "o'neill", "a b", "$HOME", "`id`", "(x)*!", 'say "hi"'])(
  "a call with the id %s means the same to a shell as it reads",
  (id) => {
    const [plain, long, post] = callsToTry("http://here", encodeURIComponent(id), id);
    const url = new URL(argumentsOf(plain!)[1]!);
    expect(decodeURIComponent(url.pathname)).toBe(`/recommend/${id}`);
    expect(argumentsOf(long!)[1]).toBe(
      `http://here/v1/users/${url.pathname.slice(11)}/recommendations?limit=5`,
    );
    expect(JSON.parse(argumentsOf(post!)[7]!)).toMatchObject({ itemId: id });
  },
);
