/** The tag that every cached answer of a release carries: a change of release purges by it. */
export function releaseTag(release: string): string {
  return `release-${release}`;
}

/** The tag that every cached answer of an experiment carries: its end purges by it. */
export function experimentTag(experiment: string): string {
  return `experiment-${experiment}`;
}
