import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import type { Usher } from "../../client/index.ts";

interface Product {
  readonly id: string;
  readonly title: string;
}

/** A small shop: a row for everybody who comes, and what is bought is seen by the next page. */
export function shop(usher: Usher) {
  const app = new Hono<{ Variables: { visitor: string } }>();

  app.use(async (c, next) => {
    const visitor = getCookie(c, "visitor") ?? crypto.randomUUID();
    setCookie(c, "visitor", visitor, { httpOnly: true, sameSite: "Lax", maxAge: 31_536_000 });
    c.set("visitor", visitor);
    await next();
  });

  app.get("/", async (c) => {
    const { items, source } = await usher.recommendations(c.get("visitor"), { limit: 8 });
    const heading = source === "trending" ? "Popular now" : "For you";
    return c.html(page(heading, items));
  });

  app.get("/products/:id", async (c) => {
    const product = await usher.item(c.req.param("id"));
    // Nobody waits for a view to be stored; a shop goes on without recommendations.
    usher.send(eventOf(c.get("visitor"), product.id, "view")).catch(console.warn);
    const { items } = await usher.similar(product.id, { limit: 4 });
    return c.html(
      page(product.title, [], html`${buyButton(product)}${row("More like this", items)}`),
    );
  });

  app.post("/products/:id/buy", async (c) => {
    // A purchase is what somebody wanted for sure: a play, of the whole.
    await usher.send({ ...eventOf(c.get("visitor"), c.req.param("id"), "play"), share: 1 });
    return c.redirect("/");
  });

  return app;
}

function eventOf(userId: string, itemId: string, type: "view" | "play") {
  return { userId, itemId, type };
}

function page(heading: string, items: readonly Product[], more: unknown = "") {
  return html`<!doctype html><html lang="en"><title>${heading}</title>${row(heading, items)}${more}</html>`;
}

function row(heading: string, items: readonly Product[]) {
  const links = items.map(({ id, title }) => {
    return html`<li><a href="/products/${encodeURIComponent(id)}">${title}</a></li>`;
  });
  return html`<h2>${heading}</h2><ul>${links}</ul>`;
}

function buyButton({ id }: Product) {
  const action = `/products/${encodeURIComponent(id)}/buy`;
  return html`<form method="post" action="${action}"><button>Buy</button></form>`;
}
