/**
 * One sitting to be read in full, from the log: its conversation, its timeline, and the others there were. Nothing in
 * it changes any more, so there is no connection; what is still going on is shown up to the moment of asking.
 */

import { pageUrl, sittingLog } from "./api.js";
import { Conversation } from "./conversation.js";
import { bdi, el, tell, write } from "./dom.js";
import { figuresOf } from "./figures.js";
import { emptyRoom, fold } from "./fold.js";
import { frame } from "./frame.js";
import { isolated } from "./isolation.js";
import { recordsOf } from "./records.js";
import { downloads, Sittings } from "./sittings.js";
import { Tabs } from "./tabs.js";
import { Timeline } from "./timeline.js";
import { dateOf, t } from "./words.js";

/** Show sitting `number` of the room `name`. */
export async function showSitting(name, number) {
  const conversation = new Conversation();
  const timeline = new Timeline();
  const sittings = new Sittings();
  const status = el("p", { class: "status", role: "status" }, t.loading);
  const when = el("span", { class: "watching" });
  const scroller = (...content) => el("div", { class: "scroller", tabindex: "0" }, ...content);
  const view = (title, content) =>
    el("section", { class: "view" }, el("h2", { class: "visually-hidden" }, title), content);
  const panels = [
    view(t.conversation, conversation.element),
    view(t.timeline, scroller(timeline.element, downloads(name, number))),
    view(t.sittings, scroller(sittings.element)),
  ];
  const tabs = new Tabs(t.views, [
    { id: "conversation", title: t.conversation, panel: panels[0] },
    { id: "timeline", title: t.timeline, panel: panels[1] },
    { id: "sittings", title: t.sittings, panel: panels[2], opened: () => sittings.load(name) },
  ]);
  const title = el("div", { class: "room-title" }, el("h1", {}, bdi(name), ` · ${t.sittingNumber(number)}`), when);
  frame(
    "room reading",
    [title, status],
    el(
      "div",
      { class: "talk" },
      tabs.list,
      ...panels,
      el(
        "div",
        { class: "foot" },
        el(
          "div",
          { class: "watch-bar" },
          el("p", {}, t.readOnly(number)),
          el("a", { class: "button", href: pageUrl(name) }, t.toRoom),
        ),
      ),
    ),
  );
  document.title = `${name} · ${t.sittingNumber(number)} · Moothall`;

  try {
    const entries = await sittingLog(name, number);
    if (!entries.length) {
      write(status, t.noSitting(number));
      return;
    }
    const room = emptyRoom(name);
    conversation.add(
      entries.flatMap((entry) => {
        fold(room, entry);
        return recordsOf(entry, room);
      }),
    );
    conversation.caughtUp();
    conversation.toBeginning();
    timeline.show(figuresOf(entries), number, entries.at(-1).at);
    write(when, dateOf(entries[0].at));
    write(status, "");
  } catch (error) {
    tell(
      status,
      error.status === 404
        ? t.notFound(isolated(name))
        : error.status === 422 || error.status === 400
          ? error.message
          : t.cannotReach,
    );
  }
}
