/**
 * The timeline of a sitting: who held the floor when, how much each has said and how fast, as pictures in SVG and as
 * a table for numbers and screen readers. Shows what `figures.js` has counted; asks for nothing.
 */

import { bdi, el, fill, svg, tint } from "./dom.js";
import { isolated } from "./isolation.js";
import { hueOf } from "./speaker.js";
import { lang, lengthOf, t, timeOf } from "./words.js";

const WIDEST = 760; // of the pictures, in the page's own pixels
const NARROWEST = 300;
const LABEL = 124;
const ROW = 30;
const AXIS = 26;
const MAX_TURNS = 1_000; // bars in the picture
const SPARE_MS = 5_000; // for which an open turn grows, at least, before the picture is drawn anew
const OUTCOMES = ["said", "passed", "missed", "revoked", "left", "open"];

const pen = document.createElement("canvas").getContext("2d"); // measures letters, and draws nothing

export class Timeline {
  element = el("div", { class: "timeline" });
  #width = WIDEST;
  #shown = { key: "", figures: null };
  #floor = null; // the picture of who held it
  #scale = { from: 0, to: 0, x: null }; // of the floor's picture
  #growing = []; // { turn, rect }: the bars of turns that are open

  /**
   * Show the figures of a sitting, up to the moment `now`, in milliseconds. While nothing has happened only the bars
   * of open turns grow, so that what one has selected, or points at, stays there.
   */
  show(figures, sitting, now) {
    // Hidden, it has no width; then the last one is as good as any.
    this.#width = Math.min(WIDEST, Math.max(NARROWEST, this.element.clientWidth || this.#width));
    const key = [sitting, figures.taken, this.#width].join(" ");
    const isSame = this.#shown.key === key && this.#shown.figures === figures;
    this.#shown = { key, figures };
    if (isSame) this.#grow(figures, sitting, now);
    else this.#draw(figures, sitting, now);
  }

  #grow(figures, sitting, now) {
    if (this.#growing.length && now > this.#scale.to) {
      const former = this.#floor;
      former.replaceWith(this.#floorPicture(figures, sitting, now));
      return;
    }
    for (const { turn, rect } of this.#growing) rect.setAttribute("width", widthOf(turn, now, this.#scale.x));
  }

  #draw(figures, sitting, now) {
    this.#growing = [];
    if (!figures.turns.length) {
      fill(this.element, el("p", { class: "empty" }, t.noTurns));
      return;
    }
    const rows = figures.rows();
    const half = this.#width < 560 ? this.#width : this.#width / 2 - 14;
    const surplus = figures.turns.length > MAX_TURNS;
    fill(
      this.element,
      el("h3", {}, t.whoHeld),
      legend(figures.turns),
      surplus ? el("p", { class: "hint" }, t.newestTurns(MAX_TURNS)) : null,
      this.#floorPicture(figures, sitting, now),
      el(
        "div",
        { class: "two" },
        el("div", {}, el("h3", {}, t.share), sharePicture(rows, half)),
        el("div", {}, el("h3", {}, t.answerTimes), timesPicture(rows, half)),
      ),
      el("h3", {}, t.numbers),
      table(rows, sitting),
    );
  }

  #floorPicture(figures, sitting, now) {
    this.#growing = [];
    const turns = figures.turns.slice(-MAX_TURNS);
    const width = this.#width;
    const height = figures.names.length * ROW + AXIS;
    this.#scale = scaleOf(turns, turns.length < figures.turns.length ? null : figures.firstAt, now, width);
    const { from, to, x } = this.#scale;
    const lanes = figures.names.map((name, index) => {
      const bars = turns.filter((turn) => turn.name === name).map((turn) => this.#bar(turn, index * ROW, now));
      return lane(name, index, bars, width);
    });
    const ticks = axis(from, to, x, height, width < 560 ? 2 : 5);
    this.#floor = picture(width, height, t.timelineOf(sitting), hatches(), ...ticks, ...lanes);
    return this.#floor;
  }

  #bar(turn, y, now) {
    const { x } = this.#scale;
    const drawn = bar(turn.outcome, x(turn.from), y + 6, widthOf(turn, now, x), ROW - 12);
    if (turn.to === null) this.#growing.push({ turn, rect: drawn.firstElementChild });
    const took = turn.tookMs === null ? "" : lengthOf(turn.tookMs);
    drawn.prepend(svg("title", {}, t.turnTitle(isolated(turn.name), turn.turn, t.outcome[turn.outcome], took)));
    return drawn;
  }
}

// From the first moment, or the first turn, to the last end. An open turn has room to grow, so that the rest stands
// still meanwhile.
function scaleOf(turns, firstAt, now, width) {
  const from = Math.min(firstAt ?? Infinity, turns[0].from);
  const end = Math.max(from + 1000, ...turns.map((turn) => turn.to ?? now));
  const to = turns.some((turn) => turn.to === null) ? end + Math.max(SPARE_MS, (end - from) / 10) : end;
  return { from, to, x: (at) => LABEL + ((at - from) / (to - from)) * (width - LABEL - 8) };
}

function widthOf(turn, now, x) {
  return Math.max(4, x(turn.to ?? now) - x(turn.from));
}

function legend(turns) {
  const there = OUTCOMES.filter((outcome) => turns.some((turn) => turn.outcome === outcome));
  return el(
    "ul",
    { class: "legend tinted" },
    ...there.map((outcome) =>
      el(
        "li",
        {},
        svg("svg", { viewBox: "0 0 18 12", width: 18, height: 12, "aria-hidden": "true" }, bar(outcome, 1, 1, 16, 10)),
        t.outcome[outcome],
      ),
    ),
  );
}

function picture(width, height, name, ...children) {
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": name }, ...children);
}

function lane(name, index, bars, end) {
  const y = index * ROW;
  const group = svg(
    "g",
    { class: "lane" },
    svg("line", { class: "rule", x1: LABEL, x2: end, y1: y + ROW, y2: y + ROW }),
    label(name, y + ROW / 2),
    ...bars,
  );
  return tint(group, hueOf(name));
}

// What became of a turn is told by its form, not by colour alone: full, hollow, hatched with a cross, half, dashed.
function bar(outcome, x, y, width, height) {
  const parts = [svg("rect", { class: `bar ${outcome}`, x, y, width, height, rx: 2 })];
  if (outcome === "missed") {
    const [cx, cy] = [x + width / 2, y + height / 2];
    parts.push(svg("path", { class: "cross", d: `M${cx - 4} ${cy - 4}l8 8m0 -8l-8 8` }));
  }
  if (outcome === "left")
    parts.push(svg("rect", { class: "bar half", x, y: y + height / 2, width, height: height / 2 }));
  return svg("g", {}, ...parts);
}

function hatches() {
  return svg(
    "defs",
    {},
    svg(
      "pattern",
      { id: "missed", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      svg("rect", { class: "hatch-ground", width: 6, height: 6 }),
      svg("rect", { class: "hatch", width: 2.4, height: 6 }),
    ),
  );
}

function axis(from, to, x, height, ticks) {
  const withSeconds = to - from < 600_000;
  return Array.from({ length: ticks + 1 }, (_, index) => {
    const at = from + ((to - from) * index) / ticks;
    const anchor = index === 0 ? "start" : index === ticks ? "end" : "middle";
    return svg(
      "g",
      { class: "tick" },
      svg("line", { x1: x(at), x2: x(at), y1: 0, y2: height - AXIS + 4 }),
      svg("text", { x: x(at), y: height - 6, "text-anchor": anchor }, timeOf(at, withSeconds)),
    );
  });
}

function label(name, y) {
  return svg("text", { class: "lane-name", x: 0, y, "dominant-baseline": "central" }, cut(name, LABEL - 10));
}

// As much of a name as is no wider than so many pixels: letters differ too much to be counted.
function cut(name, width) {
  pen.font = `600 13px ${getComputedStyle(document.documentElement).getPropertyValue("--sans")}`; // as in timeline.css
  if (pen.measureText(name).width <= width) return name;
  const letters = [...name];
  while (letters.length > 1 && pen.measureText(`${letters.join("")}…`).width > width) letters.pop();
  return `${letters.join("")}…`;
}

function sharePicture(rows, width) {
  const room = width - LABEL - 54;
  const most = Math.max(...rows.map((row) => row.share), 0.01);
  return halfPicture(rows, width, t.share, (row, y) => {
    const length = Math.max(2, (row.share / most) * room);
    return [
      svg("rect", { class: "bar said", x: LABEL, y: y + 6, width: length, height: ROW - 12, rx: 2 }),
      svg(
        "text",
        { class: "figure", x: LABEL + length + 8, y: y + ROW / 2, "dominant-baseline": "central" },
        percent(row.share),
      ),
    ];
  });
}

// A dot for each answer, from 0 to the slowest of all, and a stroke at the median.
function timesPicture(rows, width) {
  const room = width - LABEL - 66;
  const most = Math.max(...rows.map((row) => row.slowest ?? 0), 1);
  const x = (ms) => LABEL + (ms / most) * room;
  return halfPicture(rows, width, t.answerTimes, (row, y) => [
    ...row.took.slice(-200).map((ms) => svg("circle", { class: "dot", cx: x(ms), cy: y + ROW / 2, r: 4 })),
    row.median === null
      ? null
      : svg("line", { class: "median", x1: x(row.median), x2: x(row.median), y1: y + 5, y2: y + ROW - 5 }),
    svg(
      "text",
      { class: "figure", x: LABEL + room + 12, y: y + ROW / 2, "dominant-baseline": "central" },
      lengthOf(row.median),
    ),
  ]);
}

function halfPicture(rows, width, name, draw) {
  const lanes = rows.map((row, index) => {
    const y = index * ROW;
    const group = svg("g", {}, label(row.name, y + ROW / 2), ...draw(row, y));
    return tint(group, hueOf(row.name));
  });
  return picture(width, rows.length * ROW, name, ...lanes);
}

// In a narrow view each row is a block of its own, for which style sheets undo the table: hence the roles.
function table(rows, sitting) {
  const { name, ...columns } = t.columns;
  const heads = Object.values(columns);
  const cells = (row) => [
    row.turns,
    row.said,
    row.passed,
    row.missed,
    number(row.chars),
    percent(row.share),
    lengthOf(row.median),
    lengthOf(row.slowest),
  ];
  const line = (row) =>
    el(
      "tr",
      { role: "row" },
      el("th", { scope: "row", role: "rowheader" }, bdi(row.name)),
      ...cells(row).map((cell, index) => el("td", { role: "cell", "data-head": heads[index] }, String(cell))),
    );
  return el(
    "table",
    { role: "table" },
    el("caption", { class: "visually-hidden" }, t.timelineOf(sitting)),
    el(
      "thead",
      { role: "rowgroup" },
      el(
        "tr",
        { role: "row" },
        ...[name, ...heads].map((head) => el("th", { scope: "col", role: "columnheader" }, head)),
      ),
    ),
    el("tbody", { role: "rowgroup" }, ...rows.map(line)),
  );
}

const number = (value) => value.toLocaleString(lang);
const percent = (share) => share.toLocaleString(lang, { style: "percent", maximumFractionDigits: 0 });
