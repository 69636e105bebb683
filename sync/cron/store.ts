/** Workers KV as the cron Worker's runs see it; each call is one operation of the 1,000 a run may do. */
export interface CronStore {
  text(key: string): Promise<string | null>;
  bytes(key: string): Promise<ArrayBuffer | null>;
  put(key: string, text: string): Promise<void>;
  delete(key: string): Promise<void>;
  /** A page of names, ascending, and the cursor of the next page or null. */
  list(prefix: string, cursor: string | null): Promise<{ keys: string[]; cursor: string | null }>;
}
