/** Queue messages of tenants: the deployment has one queue, and each message says whose it is. */
import * as v from "valibot";
import { tenantName } from "../release/tenant.ts";

const tenantMessage = v.strictObject({ tenant: tenantName, message: v.unknown() });

/** A message as a tenant's; one of the deployment's own catalogue travels as it is. */
export interface TenantMessage {
  readonly tenant: string;
  readonly message: unknown;
}

/** A message taken out of its envelope, with the one that was delivered. */
export interface OpenedMessage<M> {
  readonly id: string;
  readonly body: unknown;
  readonly delivered: M;
}

/**
 * Sorts messages by whose they are; null is the deployment's own catalogue. What is no tenant's
 * envelope is a message of its own, which reads it or keeps it among its dead letters.
 */
export function messagesByTenant<M extends { readonly id: string; readonly body: unknown }>(
  messages: Iterable<M>,
): Map<string | null, OpenedMessage<M>[]> {
  const sorted = new Map<string | null, OpenedMessage<M>[]>();
  for (const delivered of messages) {
    const parsed = v.safeParse(tenantMessage, delivered.body);
    const { tenant, message } = parsed.success
      ? parsed.output
      : { tenant: null, message: delivered.body };
    const own = sorted.get(tenant) ?? [];
    own.push({ id: delivered.id, body: message, delivered });
    sorted.set(tenant, own);
  }
  return sorted;
}
