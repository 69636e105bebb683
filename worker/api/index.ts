import { Hono } from "hono";
import type { ApiContext } from "./environment.ts";
import { answerError, answerNotFound } from "./problem.ts";
import { postEvents } from "./routes/events.ts";
import { healthz, readyz } from "./routes/health.ts";
import { index } from "./routes/index-page.ts";
import { erasePerson, exportPerson } from "./routes/people.ts";
import { recommendText } from "./routes/recommend-text.ts";
import { trendingItems } from "./routes/trending.ts";
import { userRecommendations } from "./routes/user-recommendations.ts";

/** The API Worker: the table of what it answers. */
const app = new Hono<ApiContext>();

app.get("/", index);
app.get("/healthz", healthz);
app.get("/readyz", readyz);
app.get("/recommend/:userId", recommendText);
app.get("/v1/users/:userId/recommendations", userRecommendations);
app.get("/v1/users/:userId/export", exportPerson);
app.delete("/v1/users/:userId", erasePerson);
app.get("/v1/trending", trendingItems);
app.post("/v1/events", postEvents);
app.notFound(answerNotFound);
app.onError(answerError);

export { LiveProfile } from "./live-profile.ts";
export default app;
