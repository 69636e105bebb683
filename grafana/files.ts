/** Every file here that is generated: its path below `grafana/`, and its text. */
import { ALERTS, alertingJson } from "./alerts.ts";
import { type DashboardDescription, dashboardJson } from "./dashboard.ts";
import { dataQuality } from "./data-quality.ts";
import { edgeTraffic } from "./edge-traffic.ts";
import { experiments } from "./experiments.ts";
import { modelQuality } from "./model-quality.ts";
import { serviceHealth } from "./service-health.ts";

export const DASHBOARDS: readonly DashboardDescription[] = [
  serviceHealth,
  modelQuality,
  dataQuality,
  experiments,
  edgeTraffic,
];

export function generatedFiles(): { readonly path: string; readonly text: string }[] {
  const written = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  return [
    ...DASHBOARDS.map((dashboard) => {
      return { path: `dashboards/${dashboard.uid}.json`, text: written(dashboardJson(dashboard)) };
    }),
    { path: "provisioning/alerting/usher.json", text: written(alertingJson(ALERTS)) },
  ];
}
