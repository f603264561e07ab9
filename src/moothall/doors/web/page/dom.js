/**
 * Making elements: the one place that does, and only from text. Nothing here, or anywhere on the page, reads markup,
 * so whatever anybody has typed stays words.
 */

import { partsOf, sentence } from "./isolation.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element. `attributes` may hold `class`, any attribute, and `onclick`-like functions; one that is null,
 * undefined or false is left out, true is an empty one. Children are elements or text; null ones are left out.
 */
export function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** Make an element of SVG, as `el` does. */
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** Put `children` in place of all that an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Write text into an element, where it is another: a screen reader is told of each writing. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Write a sentence of the page's own into an element, where it is another; what `isolated` has marked is a `bdi`. */
export function tell(element, text) {
  const parts = partsOf(sentence(text)).filter((part) => part.text);
  if (element.textContent === parts.map((part) => part.text).join("")) return element;
  return fill(element, ...parts.map((part) => (part.isIsolated ? bdi(part.text) : part.text)));
}

/** Show an element, or take it out of sight and out of the tab order. */
export function show(element, isShown) {
  element.hidden = !isShown;
}

/**
 * Hold a control back without taking it away: it stays where the focus is, and does nothing. Whoever listens to it
 * must ask `isHeld`.
 */
export function hold(control, isHeldBack) {
  control.setAttribute("aria-disabled", String(isHeldBack));
  if (control instanceof HTMLTextAreaElement) control.readOnly = isHeldBack;
}

/** Tell whether a control is held back. */
export function isHeld(control) {
  return control.getAttribute("aria-disabled") === "true";
}

/**
 * Make a change that may hide what has the focus in `element`; if it does, `refocus` says where the focus goes.
 */
export function keepFocus(element, change, refocus) {
  const hadFocus = element.contains(document.activeElement);
  change();
  if (hadFocus && isFocusFree()) refocus();
}

/** Tell whether the focus is nowhere, or on what has just been hidden: browsers notice that at once, or later. */
export function isFocusFree() {
  const active = document.activeElement;
  return active === null || active === document.body || active.closest("[hidden]") !== null;
}

/** Name something somebody else has chosen: isolated, so that its direction of writing turns nothing around it. */
export function bdi(text, className = null) {
  return el("bdi", { class: className }, text);
}

/**
 * Give an element, and all in it, the colour of a speaker; its hue in degrees. Style sheets make light and dark of
 * it.
 */
export function tint(element, hue) {
  element.classList.add("tinted");
  element.style.setProperty("--hue", hue);
  return element;
}

/** A labelled field: `control` below its label, with a hint where there is one. */
export function field(label, control, hint = null) {
  if (!control.id) control.id = `field-${(fieldCount += 1)}`;
  return el(
    "div",
    { class: "field" },
    el("label", { for: control.id }, label),
    control,
    hint && el("p", { class: "hint" }, hint),
  );
}

/** A button that does `act` when it is pressed. */
export function button(text, act, className = "button") {
  return el("button", { type: "button", class: className, onclick: act }, text);
}

/**
 * A button for what cannot be undone: pressed once it asks, in the words `really`, and pressed again within 4 s it
 * acts.
 */
export function carefulButton(text, really, act) {
  const made = button(
    text,
    () => {
      if (timer === null) {
        made.textContent = really;
        made.classList.add("asks");
        timer = setTimeout(calm, 4000);
        return;
      }
      calm();
      act();
    },
    "button danger",
  );
  let timer = null;
  const calm = () => {
    clearTimeout(timer);
    timer = null;
    made.textContent = text;
    made.classList.remove("asks");
  };
  return made;
}

/**
 * Return a function that runs `act` soon, once for however many calls. In a hidden tab there are no frames to wait
 * for, so a timer stands in for them.
 */
export function soon(act) {
  let isWaiting = false;
  const run = () => {
    isWaiting = false;
    act();
  };
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    if (document.hidden) setTimeout(run, 200);
    else requestAnimationFrame(run);
  };
}

let fieldCount = 0;

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}
