/**
 * What every view of the page stands in: the way past the head for keyboards, the head with the house's name, and the
 * place for the rest.
 */

import { el, svg } from "./dom.js";
import { t } from "./words.js";

/** Put a head and a main part into the document; `rest` comes after the name in the head. Returns the main part. */
export function frame(className, rest, ...content) {
  const main = el("main", { id: "main", class: className, tabindex: "-1" }, ...content);
  document.body.replaceChildren(
    el("a", { class: "skip", href: "#main" }, t.skip),
    el("header", { class: "head" }, home(), ...rest),
    main,
  );
  return main;
}

function home() {
  return el("a", { class: "home", href: "/" }, sign(), el("span", { class: "wordmark" }, "Moothall"));
}

// The table and its seats, one of them in the light.
function sign() {
  return svg(
    "svg",
    { viewBox: "0 0 32 32", width: 30, height: 30, class: "sign", "aria-hidden": "true" },
    svg("circle", { class: "sign-table", cx: 16, cy: 16, r: 6.5 }),
    ...[
      [27, 16],
      [16, 27],
      [5, 16],
    ].map(([cx, cy]) => svg("circle", { class: "sign-seat", cx, cy, r: 2.8 })),
    svg("circle", { class: "sign-lit", cx: 16, cy: 5, r: 3.4 }),
  );
}
