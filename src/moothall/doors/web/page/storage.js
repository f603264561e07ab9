/**
 * What the browser keeps: a seat's key for as long as the tab lives, one's name for longer. Never fails: where a
 * browser keeps nothing, the page works without.
 */

const SEAT = "moothall.seat.";
const DRAFT = "moothall.draft.";
const NAME = "moothall.name";
const TOKEN = "moothall.token";

/** Return what was kept of one's seat in a room, or null. */
export function keptSeat(room) {
  try {
    return JSON.parse(sessionStorage.getItem(SEAT + room.toLowerCase()));
  } catch {
    return null;
  }
}

/** Keep what comes back to a seat; null forgets it. A key is its seat's secret: it stays in this tab. */
export function keepSeat(room, seat) {
  put(() => sessionStorage, SEAT + room.toLowerCase(), seat === null ? null : JSON.stringify(seat));
}

/** Return the words that one was writing in a room, or "". */
export function keptDraft(room) {
  try {
    return sessionStorage.getItem(DRAFT + room.toLowerCase()) ?? "";
  } catch {
    return "";
  }
}

/** Keep words that are not sent yet, so that a reload does not cost them; "" forgets them. */
export function keepDraft(room, text) {
  put(() => sessionStorage, DRAFT + room.toLowerCase(), text || null);
}

/** Return the name under which one sat last, in whichever room. */
export function keptName() {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}

export function keepName(name) {
  put(() => localStorage, NAME, name);
}

/** Return the operator's token, or "". */
export function keptToken() {
  try {
    return sessionStorage.getItem(TOKEN) ?? "";
  } catch {
    return "";
  }
}

/** Keep the operator's token for as long as this tab lives; "" forgets it. */
export function keepToken(token) {
  put(() => sessionStorage, TOKEN, token || null);
}

function put(storage, key, value) {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    // Full, or forbidden: the page goes on, and a reload begins anew.
  }
}
