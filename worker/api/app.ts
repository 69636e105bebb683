import { Hono } from "hono";
import { cors, preflight } from "./cors.ts";
import { countRequests } from "./count-requests.ts";
import type { ApiContext } from "./environment.ts";
import { keepToQuota } from "./keep-to-quota.ts";
import { answerError, answerNotFound } from "./problem.ts";
import { postEvents } from "./routes/events.ts";
import { experimentResults } from "./routes/experiment-results.ts";
import {
  defineExperiment,
  experiment,
  experiments,
  shipExperiment,
  startExperiment,
  stopExperiment,
} from "./routes/experiments.ts";
import { healthz, readyz } from "./routes/health.ts";
import { index } from "./routes/index-page.ts";
import { item } from "./routes/item.ts";
import { items } from "./routes/items.ts";
import { metrics } from "./routes/metrics.ts";
import { openApi } from "./routes/openapi.ts";
import { erasePerson, exportPerson } from "./routes/people.ts";
import { profileRecommendations } from "./routes/profile-recommendations.ts";
import { purgeCached } from "./routes/purge-releases.ts";
import { recommendText } from "./routes/recommend-text.ts";
import { activateRelease, releaseOrigin, releases, rollBack } from "./routes/releases.ts";
import { similarToItem } from "./routes/similar-items.ts";
import { status } from "./routes/status.ts";
import { trending } from "./routes/trending.ts";
import { userRecommendations } from "./routes/user-recommendations.ts";

/** The API: the table of what it answers. HEAD is answered wherever GET is. */
export const app = new Hono<ApiContext>();

app.use(countRequests);
app.use(cors);
app.use(keepToQuota);
app.options("*", preflight);
app.get("/v1", index);
app.get("/healthz", healthz);
app.get("/readyz", readyz);
app.get("/metrics", metrics);
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
app.get("/v1/releases", releases);
app.get("/v1/releases/:release", releaseOrigin);
app.post("/v1/releases/rollback", rollBack);
app.post("/v1/releases/purge", purgeCached);
app.post("/v1/releases/:release/activate", activateRelease);
app.get("/v1/experiments", experiments);
app.post("/v1/experiments", defineExperiment);
app.get("/v1/experiments/:id", experiment);
app.post("/v1/experiments/:id/start", startExperiment);
app.post("/v1/experiments/:id/stop", stopExperiment);
app.post("/v1/experiments/:id/ship", shipExperiment);
app.get("/v1/experiments/:id/results", experimentResults);
app.get("/v1/status", status);
app.notFound(answerNotFound);
app.onError(answerError);
