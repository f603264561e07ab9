/**
 * How a speaker looks: a colour of their own, the same on every page and in every sitting, and the letters of their
 * picture. Pure. The colour is never the only sign: the name always stands beside it.
 */

const HUES = 18; // more could not be told apart
// FNV-1a's own beginning and 4390 more: then the house bots, who meet all the time, are as far apart as four can be.
const BEGINNING = 0x811c9dc5 + 4390;

/** Return a hue in degrees, 0 to 359, that a name always has; names that differ only in case share it. */
export function hueOf(name) {
  let hash = BEGINNING;
  for (const char of name.toLowerCase()) hash = Math.imul(hash ^ char.codePointAt(0), 0x01000193);
  hash ^= hash >>> 15;
  return ((hash >>> 0) % HUES) * (360 / HUES);
}

/** Return one or two letters for a name: those that its first and its last word begin with. */
export function initials(name) {
  const words = name.split(/[ \-_.]+/u).filter(Boolean);
  const first = [...(words[0] ?? name)][0] ?? "?";
  const last = words.length > 1 ? [...words.at(-1)][0] : "";
  return (first + last).toLocaleUpperCase();
}
