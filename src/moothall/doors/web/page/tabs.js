/**
 * Tabs as the ARIA Authoring Practices describe them: arrows move among them, and what is chosen is shown.
 */

import { el, show } from "./dom.js";

export class Tabs {
  #tabs;
  #chosen = null;
  list;

  /** `items`: { id, title, panel, opened }, where `opened()` is called each time the panel is shown. The first is. */
  constructor(label, items) {
    this.#tabs = items.map((item) => this.#make(item));
    this.list = el("div", { class: "tabs", role: "tablist", "aria-label": label }, ...this.#tabs.map(({ tab }) => tab));
    this.choose(items[0].id);
  }

  get chosen() {
    return this.#chosen;
  }

  choose(id) {
    this.#chosen = id;
    for (const { item, tab } of this.#tabs) {
      const isChosen = item.id === id;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      show(item.panel, isChosen);
      if (isChosen) item.opened?.();
    }
  }

  #make(item) {
    const tab = el(
      "button",
      { type: "button", role: "tab", id: `tab-${item.id}`, "aria-controls": `panel-${item.id}`, class: "tab" },
      item.title,
    );
    tab.addEventListener("click", () => this.choose(item.id));
    tab.addEventListener("keydown", (event) => this.#key(event));
    Object.assign(item.panel, { id: `panel-${item.id}` });
    item.panel.setAttribute("role", "tabpanel");
    item.panel.setAttribute("aria-labelledby", tab.id);
    return { item, tab };
  }

  #key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const count = this.#tabs.length;
    const at = this.#tabs.findIndex(({ item }) => item.id === this.#chosen);
    const next = step ? (at + step + count) % count : { Home: 0, End: count - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this.choose(this.#tabs[next].item.id);
    this.#tabs[next].tab.focus();
  }
}
