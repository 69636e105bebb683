/** What experiments brought, read from exposures, events and served lists. */
import { type SQL, sql } from "drizzle-orm";
import type { Experiment, MetricName } from "../experiments/definition.ts";
import type {
  ExperimentOutcomes,
  OutcomeBin,
  OutcomeDay,
  PreferenceDay,
} from "../experiments/outcomes.ts";
import type { BaselineDay } from "../experiments/plan.ts";
import type { Database } from "./database.ts";
import { explained } from "./failure.ts";
import { binStatement, outcomeStatement } from "./outcome-statement.ts";
import { preferenceStatement } from "./preference-statement.ts";

/** Days of what happened of late that a plan is made from. */
const BASELINE_DAYS = 28;

/** What the outcomes of an experiment are read by. */
export type Asked = Readonly<Pick<Experiment, "id" | "mode" | "primary">> & {
  readonly guardrails: readonly MetricName[];
};

/**
 * Everything that an experiment brought before a time; nothing where nobody was exposed.
 *
 * @param until when it was stopped, or now.
 */
export async function readOutcomes(
  database: Database,
  { id, mode, primary, guardrails }: Asked,
  until: Date,
): Promise<ExperimentOutcomes> {
  if (mode === "interleaving") {
    const statement = preferenceStatement(id, until);
    return { days: [], bins: [], preferences: await rows<PreferenceDay>(database, id, statement) };
  }
  const exposed = exposedTo(id, until);
  const others = guardrails.filter((metric) => metric !== primary);
  const days = await rows<OutcomeDay>(
    database,
    id,
    outcomeStatement(exposed, [primary, ...others], until),
  );
  const bins = await rows<OutcomeBin>(database, id, binStatement(exposed, primary, until));
  return { days, bins, preferences: [] };
}

/**
 * What an experiment on everybody would have seen of a metric, had it run for the last four weeks: each
 * user counts from the first event in them.
 */
export async function readBaseline(
  database: Database,
  metric: MetricName,
  until: Date,
): Promise<BaselineDay[]> {
  const end = sql`${until.toISOString()}::timestamptz`;
  const everybody = sql`
    select user_id, 'everybody' as arm, 'new' as segment, min(occurred_at) as since from events
    where occurred_at >= ${end} - make_interval(days => ${BASELINE_DAYS}) and occurred_at < ${end}
    group by user_id`;
  return rows(database, metric, outcomeStatement(everybody, [metric], until));
}

/** A user whom nobody knew before, and one whose first event came with the exposure, are new. */
function exposedTo(experimentId: string, until: Date): SQL {
  return sql`
    select x.user_id, x.arm, x.first_exposed_at as since,
      case when u.first_seen_at < x.first_exposed_at then 'returning' else 'new' end as segment
    from exposures x left join users u using (user_id)
    where x.experiment_id = ${experimentId} and x.first_exposed_at < ${until.toISOString()}::timestamptz`;
}

async function rows<Row>(database: Database, about: string, statement: SQL): Promise<Row[]> {
  const result = await explained(`Adding up the outcomes of ${about}`, () =>
    database.db.execute(statement),
  );
  return result.rows as Row[];
}
