/**
 * The page's words in the language that the browser asks for: `t.watching(3)`. Pure, but for one look at `navigator`.
 *
 * The words themselves stand in words_en.js and words_nb.js, under the same keys.
 */

import { en } from "./words_en.js";
import { nb } from "./words_nb.js";

/** Return which of the page's languages comes first in a list of the browser's; English where none does. */
export function chooseLanguage(wanted) {
  for (const tag of wanted) {
    const language = String(tag).toLowerCase().split("-")[0];
    if (["nb", "no", "nn"].includes(language)) return "nb";
    if (language === "en") return "en";
  }
  return "en";
}

/** The page's language, as a tag for `lang` and `Intl`. */
export const lang = chooseLanguage(globalThis.navigator?.languages ?? []);

/** The words in that language. */
export const t = lang === "nb" ? nb : en;

/** Return names as a sentence lists them: `Lars, Kari and Ola`. */
export function joinNames(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} ${t.and} ${names.at(-1)}`;
}

/** Return the time of day of a moment, to the minute or to the second. */
export function timeOf(at, withSeconds = false) {
  const options = { hour: "2-digit", minute: "2-digit", ...(withSeconds ? { second: "2-digit" } : {}) };
  return new Date(at).toLocaleTimeString(lang === "nb" ? "nb-NO" : "en-GB", options);
}

/** Return a moment as day and time. */
export function dateOf(at) {
  return new Date(at).toLocaleString(lang === "nb" ? "nb-NO" : "en-GB", { dateStyle: "medium", timeStyle: "short" });
}

/** Return a length of time as people say it: `850 ms`, `4.2 s`, `3 min 5 s`. */
export function lengthOf(ms) {
  if (ms === null || ms === undefined) return "–";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toLocaleString(lang, { maximumFractionDigits: seconds < 10 ? 1 : 0 })} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
