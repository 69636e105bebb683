/**
 * The tag that every cached answer of a release carries: a change of release purges by it.
 *
 * A tenant's are its own, so that nobody purges another's: a tenant's name holds no dot.
 */
export function releaseTag(release: string, tenant?: string): string {
  return tenant === undefined ? `release-${release}` : `tenant-${tenant}.release-${release}`;
}
