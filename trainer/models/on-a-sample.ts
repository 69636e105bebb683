import { UsherError } from "../../release/error.ts";
import { sampleUsers } from "../sample-users.ts";
import type { Recommender } from "./model.ts";

/**
 * A model that learns from a share of the users, drawn by the fit's seed, and recommends to all: what
 * it knows is items, so everybody's profile folds in. It keeps the settings that the whole would get:
 * on half of MovieLens 1M those of a smaller dataset lose twice as much (docs/scaling.md).
 *
 * @param share 0..1 of the users; 1 gives the model itself.
 * @throws UsherError `SAMPLE_INVALID` for a share that is none.
 */
export function onASample(model: Recommender, share: number): Recommender {
  if (!(share > 0 && share <= 1)) {
    throw new UsherError(
      "SAMPLE_INVALID",
      `The share of users to learn from is ${share}; it takes more than 0 and up to 1.`,
    );
  }
  if (share === 1) return model;
  const { name, kind, learnsFrom } = model;
  const predict = model.predictRatings?.bind(model);
  return {
    name,
    kind,
    ...(learnsFrom === undefined ? {} : { learnsFrom }),
    fit: (train, context) =>
      model.fit(sampleUsers(train, share, context.seed), { ...context, sizedBy: train }),
    score: (profiles, out) => model.score(profiles, out),
    ...(predict === undefined ? {} : { predictRatings: predict }),
    settings: () => ({ ...model.settings(), sampledUsers: share }),
    served: () => model.served(),
    dispose: () => model.dispose(),
  };
}
