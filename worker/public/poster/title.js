/** Articles that catalogues put behind a title so that it sorts. */
const ARTICLE = /^(.*), (The|A|An|Le|La|Les|L'|Il|El|Los|Las|Der|Die|Das)( \(.*)?$/;

/**
 * A title as one says it: "Matrix, The" is "The Matrix"; the year stands elsewhere.
 *
 * @param {string} title
 */
export function displayTitle(title) {
  const bare = title.replace(/\s*\(\d{4}\)\s*$/, "");
  const turned = bare.replace(ARTICLE, (_all, rest, article, after = "") => {
    return `${article}${article.endsWith("'") ? "" : " "}${rest}${after}`;
  });
  return turned === "" ? title : turned;
}

/** A title as it fits on a poster: without the other names that catalogues add in brackets. @param {string} title */
export function posterTitle(title) {
  const whole = displayTitle(title);
  return whole.replace(/\s*\([^()]*\)(?=\s*$|\s*\()/g, "") || whole;
}
