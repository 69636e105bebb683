import { Hono } from "hono";
import { cors, preflight } from "./cors.ts";
import type { ApiContext } from "./environment.ts";
import { answerError, answerNotFound } from "./problem.ts";
import { postEvents } from "./routes/events.ts";
import { healthz, readyz } from "./routes/health.ts";
import { index } from "./routes/index-page.ts";
import { item } from "./routes/item.ts";
import { items } from "./routes/items.ts";
import { openApi } from "./routes/openapi.ts";
import { erasePerson, exportPerson } from "./routes/people.ts";
import { profileRecommendations } from "./routes/profile-recommendations.ts";
import { recommendText } from "./routes/recommend-text.ts";
import { similarToItem } from "./routes/similar-items.ts";
import { trending } from "./routes/trending.ts";
import { userRecommendations } from "./routes/user-recommendations.ts";

/** The API: the table of what it answers. HEAD is answered wherever GET is. */
export const app = new Hono<ApiContext>();

app.use(cors);
app.options("*", preflight);
app.get("/v1", index);
app.get("/healthz", healthz);
app.get("/readyz", readyz);
app.get("/openapi.json", openApi);
app.get("/recommend/:userId", recommendText);
app.get("/v1/users/:userId/recommendations", userRecommendations);
app.get("/v1/users/:userId/export", exportPerson);
app.delete("/v1/users/:userId", erasePerson);
app.post("/v1/recommendations", profileRecommendations);
app.get("/v1/items", items);
app.get("/v1/items/:itemId", item);
app.get("/v1/items/:itemId/similar", similarToItem);
app.get("/v1/trending", trending);
app.post("/v1/events", postEvents);
app.notFound(answerNotFound);
app.onError(answerError);
