/**
 * Names that others have chosen, in the page's own sentences: marked off by U+2068 and U+2069 (the isolates of UAX #9),
 * so that their direction of writing turns nothing around them. `dom.js` makes elements of the marks. Pure.
 */

const START = "\u2068";
const END = "\u2069";

/** Mark a name, or any words of somebody else's, off from the sentence that they come in. */
export function isolated(words) {
  return START + String(words).replace(/[\u2066-\u2069]/g, "") + END;
}

/** Return a sentence without a second dot where it ends in a name that ends in one, as `Jr.` does. */
export function sentence(text) {
  return text.replaceAll(`.${END}.`, `.${END}`);
}

/** Return the parts of a sentence in order, { text, isIsolated }, without the marks. */
export function partsOf(text) {
  return text.split(/(\u2068[^\u2069]*\u2069)/).map((part) => {
    const isIsolated = part.startsWith(START) && part.endsWith(END);
    return { text: isIsolated ? part.slice(1, -1) : part, isIsolated };
  });
}
