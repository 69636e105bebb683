/** An order for lists: a release in KV that has everything but them, which the edge is to make. */
import * as v from "valibot";
import { UsherError } from "./error.ts";
import { ManifestSchema } from "./manifest.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const ListsOrderSchema = v.object({
  /** The manifest as it will be, but for the shards of lists and the number of users in them. */
  manifest: ManifestSchema,
  orderedAt: v.pipe(v.string(), v.isoTimestamp()),
  /** When the shards that were missing were last asked for. */
  askedAt: v.optional(v.nullable(v.pipe(v.string(), v.isoTimestamp())), null),
});

const ListsMessageSchema = v.object({
  v: v.literal(1),
  release: v.string(),
  /** The shard of profiles whose users' lists are to be made. */
  profileShard: count,
});

/** What a shard of lists is written with, so that a listing tells what a manifest has to. */
const ShardMetadataSchema = v.object({ sha256: v.string(), bytes: count, users: count });

/** The value of the key `unlisted`. */
export type ListsOrder = v.InferOutput<typeof ListsOrderSchema>;
/** One message of the queue of lists. */
export type ListsMessage = v.InferOutput<typeof ListsMessageSchema>;
export type ShardMetadata = v.InferOutput<typeof ShardMetadataSchema>;

/** @throws UsherError `ORDER_INVALID` naming the member that is not as it should be. */
export function parseListsOrder(text: string): ListsOrder {
  return parse(v.pipe(v.string(), v.parseJson(), ListsOrderSchema), text, 'The key "unlisted"');
}

/** @throws UsherError `ORDER_INVALID` for a message that is none of these. */
export function parseListsMessage(body: unknown): ListsMessage {
  return parse(ListsMessageSchema, body, "A message of the queue of lists");
}

/** The metadata of a shard, or null for a value that was written without. */
export function shardMetadata(metadata: unknown): ShardMetadata | null {
  const result = v.safeParse(ShardMetadataSchema, metadata);
  return result.success ? result.output : null;
}

/**
 * Shards of lists made from one shard of profiles: both are numbered by the same bits of the same
 * hash, so that where one number divides the other, users of one list shard share a profile shard.
 */
export function listShardsOf(
  profileShard: number,
  shards: number,
  profileShards: number,
): number[] {
  const made: number[] = [];
  for (let shard = profileShard; shard < shards; shard += profileShards) made.push(shard);
  return made;
}

function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  what: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const where = v.getDotPath(issue) ?? "the document";
  throw new UsherError("ORDER_INVALID", `${what} holds something else: ${where}: ${issue.message}`);
}
