/**
 * The timeline of a sitting: who held the floor when, how much each has said and how fast, as pictures in SVG and as
 * a table for numbers and screen readers. Shows what `figures.js` has counted; asks for nothing.
 */

import { bdi, el, fill, svg, tint } from "./dom.js";
import { hueOf } from "./speaker.js";
import { lang, lengthOf, t, timeOf } from "./words.js";

const WIDEST = 760; // of the pictures, in the page's own pixels
const NARROWEST = 300;
const LABEL = 124;
const ROW = 30;
const AXIS = 26;
const MAX_TURNS = 1_000; // bars in the picture
const OUTCOMES = ["said", "passed", "missed", "revoked", "left", "open"];

export class Timeline {
  element = el("div", { class: "timeline" });
  #width = WIDEST;

  /** Show the figures of a sitting, up to the moment `now`, in milliseconds. */
  show(figures, sitting, now) {
    if (!figures.turns.length) {
      fill(this.element, el("p", { class: "empty" }, t.noTurns));
      return;
    }
    const rows = figures.rows();
    // Hidden, it has no width; then the last one is as good as any.
    this.#width = Math.min(WIDEST, Math.max(NARROWEST, this.element.clientWidth || this.#width));
    const half = this.#width < 560 ? this.#width : this.#width / 2 - 14;
    const surplus = figures.turns.length > MAX_TURNS;
    fill(
      this.element,
      el("h3", {}, t.whoHeld),
      legend(figures.turns),
      surplus ? el("p", { class: "hint" }, t.newestTurns(MAX_TURNS)) : null,
      floorPicture(figures, sitting, now, this.#width),
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

function floorPicture(figures, sitting, now, width) {
  const turns = figures.turns.slice(-MAX_TURNS);
  const from =
    turns.length < figures.turns.length ? turns[0].from : Math.min(figures.firstAt ?? Infinity, turns[0].from);
  const to = Math.max(from + 1000, ...turns.map((turn) => turn.to ?? now));
  const x = (at) => LABEL + ((at - from) / (to - from)) * (width - LABEL - 8);
  const height = figures.names.length * ROW + AXIS;
  const lanes = figures.names.map((name, index) =>
    lane(
      name,
      index,
      turns.filter((turn) => turn.name === name),
      x,
      now,
      width,
    ),
  );
  return picture(
    width,
    height,
    t.timelineOf(sitting),
    hatches(),
    ...axis(from, to, x, height, width < 560 ? 2 : 5),
    ...lanes,
  );
}

function lane(name, index, turns, x, now, end) {
  const y = index * ROW;
  const bars = turns.map((turn) => {
    const width = Math.max(4, x(turn.to ?? now) - x(turn.from));
    const drawn = bar(turn.outcome, x(turn.from), y + 6, width, ROW - 12);
    drawn.prepend(
      svg(
        "title",
        {},
        t.turnTitle(name, turn.turn, t.outcome[turn.outcome], turn.tookMs === null ? "" : lengthOf(turn.tookMs)),
      ),
    );
    return drawn;
  });
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
  const shown = [...name].length > 14 ? `${[...name].slice(0, 13).join("")}…` : name;
  return svg("text", { class: "lane-name", x: 0, y, "dominant-baseline": "central" }, shown);
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

// On a small screen each row is a block of its own, for which style sheets undo the table: hence the roles.
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
