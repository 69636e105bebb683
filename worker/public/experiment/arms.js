import { count, percent } from "../dashboard/quantities.js";
import { byId, element } from "../element.js";
import { probability } from "./results.js";
import { table } from "./table.js";

/** @typedef {import("./results.js").Results} Results */

/** Who was in which arm, whether that is as it should be, and what they did. @param {Results} results */
export function showArms({ experiment, analysis }) {
  const { arms, sampleRatio, preference } = analysis;
  const place = byId("arms", HTMLDivElement);
  if (preference !== null) {
    const [control, arm] = experiment.arms.map(({ name }) => name);
    const votes = /** @type {const} */ ([
      [`prefer ${arm}`, preference.wins],
      [`prefer ${control}`, preference.losses],
      ["neither", preference.ties],
    ]);
    place.replaceChildren(
      table(
        "Users by the ranking that they took more from",
        ["Users who", "Users", "Share"],
        votes.map(([who, users]) => [
          who,
          count(users),
          percent(users / Math.max(1, preference.users)),
        ]),
      ),
    );
    return;
  }
  const p = probability(sampleRatio.p);
  place.replaceChildren(
    element(
      "p",
      { class: sampleRatio.trusted ? "quiet" : "worry" },
      sampleRatio.trusted
        ? `The arms have the users that they should have (p ${p}).`
        : `The arms do not have the users that they should have (p ${p}): nothing here can be trusted.`,
    ),
    table(
      "Arms",
      ["Arm", "Share", "Users", "Expected", `${experiment.primary} by user`],
      arms.map(({ arm, share, users, expectedUsers, mean }) => [
        arm,
        percent(share),
        count(users),
        count(expectedUsers),
        mean === null ? "–" : mean.toPrecision(4),
      ]),
    ),
  );
}
