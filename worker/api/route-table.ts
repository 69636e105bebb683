/** What the API answers, in a line each: for the index page, for whoever asks in vain, and OpenAPI. */
export const ROUTES = {
  "GET /recommend/:userId": "up to 20 item ids, comma-separated, best first",
  "GET /v1/users/:userId/recommendations": "the same with titles, scores, filters, pages, reasons",
  "GET /v1/users/:userId/export": "everything held about a user (scope read)",
  "DELETE /v1/users/:userId": "forgets a user everywhere, with a receipt (scope operate)",
  "POST /v1/recommendations": "for ratings sent along; nothing is stored",
  "GET /v1/items": "items by the beginnings of their titles' words",
  "GET /v1/items/:itemId": "one item",
  "GET /v1/items/:itemId/similar": "items like it",
  "GET /v1/trending": "what is rated and watched most of late",
  "POST /v1/events": "one event, or up to 1,000 in an array",
  "GET /v1/releases": "what serves, what waits, and the newest releases (scope operate)",
  "GET /v1/releases/:release": "the data, model and code behind a release (scope operate)",
  "POST /v1/releases/:release/activate": "a release serves everybody, or a share (scope operate)",
  "POST /v1/releases/rollback": "the release before serves everybody again (scope operate)",
  "POST /v1/releases/purge": "cached answers of releases go at once (scope operate)",
  "GET /v1/status": "events coming in, dead letters, cron runs (scope operate)",
  "GET /healthz": "the Worker runs",
  "GET /readyz": "the active release can be read",
  "GET /metrics": "counts and ages for Prometheus (scope operate)",
  "GET /openapi.json": "all of this for machines",
} as const;

export type Route = keyof typeof ROUTES;
