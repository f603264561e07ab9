/**
 * The sittings that a room has had: what was talked about, by whom, when, with links to read each and to download it.
 * Asks the server when it is opened, and never by itself.
 */

import { listedRoom, logUrl, pageUrl, sittings } from "./api.js";
import { labelsOf } from "./conversation.js";
import { el, fill, tell } from "./dom.js";
import { isolated } from "./isolation.js";
import { dateOf, joinNames, t } from "./words.js";

const FORMATS = ["csv", "jsonl", "md", "html", "text"];

export class Sittings {
  element = el("div", { class: "sittings" });

  /** Ask for a room's sittings, and show them. */
  async load(room) {
    try {
      const list = (await listedRoom(room)) ? await sittings(room) : [];
      fill(
        this.element,
        list.length
          ? el("ol", {}, ...list.map((sitting) => card(room, sitting)))
          : el("p", { class: "empty" }, t.noSittings),
      );
    } catch (error) {
      fill(this.element, el("p", { class: "empty" }, error.status === 404 ? t.noSittings : t.listFailed));
    }
  }
}

/** Links to a sitting's log, one for each format. */
export function downloads(room, sitting) {
  return el(
    "p",
    { class: "downloads" },
    el("span", {}, `${t.download}: `),
    ...FORMATS.map((format) => el("a", { href: logUrl(room, sitting, format), download: true }, format)),
  );
}

function card(room, sitting) {
  const end = sitting.closed_at === undefined ? t.goesOn : (t.ended[sitting.reason] ?? sitting.reason);
  return el(
    "li",
    { class: "sitting-card" },
    el("h3", {}, el("a", { href: pageUrl(room, sitting.sitting) }, t.sittingNumber(sitting.sitting))),
    el(
      "p",
      { class: "when" },
      el("time", { datetime: new Date(sitting.opened_at).toISOString() }, dateOf(sitting.opened_at)),
      ` · ${t.answers(sitting.said)} · ${end}`,
    ),
    sitting.topics?.length ? tell(el("p", { class: "topics" }), sitting.topics.map(isolated).join(", ")) : null,
    sitting.names?.length ? tell(el("p", { class: "names" }), joinNames(sitting.names.map(isolated))) : null,
    labelsOf(sitting.labels),
    downloads(room, sitting.sitting),
  );
}
