import * as v from "valibot";
import { UsherError } from "../../release/error.ts";
import { type ApiClient, ApiRefusal } from "./api-client.ts";
import { CloudflareAccount, read } from "./cloudflare.ts";
import { isForbidden } from "./permissions.ts";

const AccountsSchema = v.object({
  result: v.array(v.object({ id: v.string(), name: v.string() })),
});
const VerifySchema = v.object({ result: v.object({ status: v.string() }) });

/**
 * The account that a token works on: the one that is named, or the only one it may see.
 *
 * @throws UsherError `TOKEN_INVALID`, `WHICH_ACCOUNT`.
 */
export async function openAccount(
  client: ApiClient,
  accountId: string | undefined,
): Promise<CloudflareAccount> {
  await verifyToken(client, accountId);
  if (accountId !== undefined) return new CloudflareAccount(client, accountId);
  const { result } = read(AccountsSchema, await client.get("/accounts"));
  if (result.length === 1) return new CloudflareAccount(client, result[0]!.id);
  const choices = result.map(({ id, name }) => `${id} (${name})`).join(", ");
  throw new UsherError(
    "WHICH_ACCOUNT",
    `Set CLOUDFLARE_ACCOUNT_ID: the token sees ${result.length === 0 ? "no account by itself" : choices}.`,
  );
}

/** Tokens of a person are verified below `/user`, those of an account below the account. */
async function verifyToken(client: ApiClient, accountId: string | undefined): Promise<void> {
  const paths = ["/user/tokens/verify"];
  if (accountId !== undefined) paths.push(`/accounts/${accountId}/tokens/verify`);
  let refusal: ApiRefusal | null = null;
  for (const path of paths) {
    try {
      const { status } = read(VerifySchema, await client.get(path)).result;
      if (status === "active") return;
      throw new UsherError("TOKEN_INVALID", `The API token is ${status}. Make a new one.`);
    } catch (error) {
      if (!(error instanceof ApiRefusal)) throw error;
      if (!isForbidden(error) && error.status !== 400 && error.status !== 404) throw error;
      refusal ??= error;
    }
  }
  throw new UsherError(
    "TOKEN_INVALID",
    `Cloudflare does not know this API token. Is CLOUDFLARE_API_TOKEN whole, and not expired? (${refusal?.message})`,
  );
}
