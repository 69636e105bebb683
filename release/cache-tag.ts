/**
 * The tag that every cached answer of a release carries: a change of release purges by it.
 *
 * A tenant's are its own, so that nobody purges another's: a tenant's name holds no dot.
 */
export function releaseTag(release: string, tenant?: string): string {
  return ofTenant(`release-${release}`, tenant);
}

/** The tag that every cached answer of an experiment carries: its end purges by it. */
export function experimentTag(experiment: string, tenant?: string): string {
  return ofTenant(`experiment-${experiment}`, tenant);
}

function ofTenant(tag: string, tenant: string | undefined): string {
  return tenant === undefined ? tag : `tenant-${tenant}.${tag}`;
}
