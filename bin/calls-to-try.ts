/**
 * Calls that somebody can paste into a shell, whatever the ids are.
 *
 * @param user id as it stands in a path, percent-encoded.
 */
export function callsToTry(api: string, user: string, itemId: string): readonly string[] {
  const event = JSON.stringify({ userId: "ada", itemId, type: "rate", value: 5 });
  // encodeURIComponent leaves a few characters that mean something to a shell.
  const inPath = user.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
  return [
    `curl ${api}/recommend/${inPath}`,
    `curl '${api}/v1/users/${inPath}/recommendations?limit=5'`,
    `curl -X POST ${api}/v1/events -H 'content-type: application/json' -d ${quoted(event)}`,
  ];
}

/** One argument of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
