/** The tag that every cached answer of a release carries: a change of release purges by it. */
export function releaseTag(release: string): string {
  return `release-${release}`;
}
