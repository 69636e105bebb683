/** What was asked of the stand-in since it started, for tests and for the cost figures. */
export interface ControlPlaneUsage {
  requests: number;
  /** Keys read, written, deleted; listings: each is billed. */
  reads: number;
  writes: number;
  deletes: number;
  lists: number;
  bytesWritten: number;
}

export function noUsage(): ControlPlaneUsage {
  return { requests: 0, reads: 0, writes: 0, deletes: 0, lists: 0, bytesWritten: 0 };
}
