/** `node examples/shop/serve.ts`: the shop on port 3000, over the service of USHER_API. */
import { serve } from "@hono/node-server";
import { Usher } from "../../client/index.ts";
import { shop } from "./shop.ts";

const url = process.env["USHER_API"] ?? "http://127.0.0.1:8787";
const key = process.env["USHER_KEY"];
const usher = new Usher({ url, ...(key === undefined ? {} : { key }) });
const port = Number(process.env["PORT"] ?? 3000);
serve({ fetch: shop(usher).fetch, port, hostname: "127.0.0.1" }, () =>
  console.log(`The shop is at http://127.0.0.1:${port}, its recommendations come from ${url}.`),
);
