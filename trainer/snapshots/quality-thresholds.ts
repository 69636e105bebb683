/** What a dataset must keep to for a cycle to train on it. One place for all of it; edit it here. */
export const QUALITY_THRESHOLDS = {
  /** Events there must be at least. */
  leastEvents: 100,
  /** Events, over those of the dataset before: fewer means that something was lost. */
  leastVolumeRatio: 0.95,
  /** Days since the newest event happened; null turns it off, as for a finished history. */
  mostDaysOld: null as number | null,
  /** Population stability index of the ratings against the dataset before. */
  mostRatingPsi: 0.25,
  /** Share of events that repeat user, item and type of another. */
  mostRepeatedShare: 0.5,
  /** Share of the newest tenth of events that one user may have made; more is a bot. */
  mostOfOneUser: 0.5,
  /** Share of the newest tenth of events about items that appear only in it. */
  mostNewItemShare: 0.5,
  /** Share of all events that one source may have; null turns it off, as for a single import. */
  mostOfOneSource: null as number | null,
};

export type QualityThresholds = typeof QUALITY_THRESHOLDS;
