/** Where the last cursor of each user is kept: a Map, or something that outlives the page. */
export interface Cursors {
  get(userId: string): string | null | undefined;
  set(userId: string, cursor: string): unknown;
}

/** Users whose cursor is kept in memory: a backend's must not grow with its users. */
const MOST_USERS = 10_000;

/** The cursors of the users who sent something last. */
export function recentCursors(): Cursors {
  const cursors = new Map<string, string>();
  return {
    get: (userId) => cursors.get(userId),
    set(userId, cursor) {
      cursors.delete(userId);
      cursors.set(userId, cursor);
      if (cursors.size > MOST_USERS) cursors.delete(cursors.keys().next().value!);
    },
  };
}
