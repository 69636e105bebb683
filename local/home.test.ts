import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { homeAt, makeHome } from "./home.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "usher-home-"));
});

afterEach(() => rm(folder, { recursive: true }));

test("a home is made with the folders above it, and may be there already", async () => {
  const home = homeAt(path.join(folder, "a", "b"));
  await makeHome(home);
  await makeHome(home);
  await writeFile(home.running, "it can be written to");
});

test("a home that names a file, or lies below one, is refused with what to do", async () => {
  const file = path.join(folder, "ratings.csv");
  await writeFile(file, "");
  await expect(makeHome(homeAt(file))).rejects.toMatchObject({
    code: "HOME_UNUSABLE",
    message: `Usher cannot keep its data in ${file}: that is a file, not a folder. Name another folder with --home DIR.`,
  });
  await expect(makeHome(homeAt(path.join(file, "home")))).rejects.toMatchObject({
    code: "HOME_UNUSABLE",
  });
});

test.runIf(process.platform === "linux")(
  "a home where the system makes no folders is refused at once",
  async () => {
    await expect(makeHome(homeAt("/proc/nope/deeper"))).rejects.toMatchObject({
      code: "HOME_UNUSABLE",
    });
  },
);
