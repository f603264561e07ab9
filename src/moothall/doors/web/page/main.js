/**
 * Where the page begins: which of its views the address asks for. Never reads anything else of the address but the room, the sitting
 * and, at once and only once, the operator's token.
 */

import { lang } from "./words.js";
import { showHall } from "./hall.js";
import { showRoom } from "./room.js";
import { showSitting } from "./reader.js";
import { takeTokenFromAddress } from "./token_form.js";

takeTokenFromAddress();
document.documentElement.lang = lang;
route();

function route() {
  const room = roomOf(location.pathname);
  if (room === null) {
    showHall();
    return;
  }
  const sitting = Number(new URLSearchParams(location.search).get("sitting"));
  if (Number.isSafeInteger(sitting) && sitting > 0) showSitting(room, sitting);
  else showRoom(room);
}

function roomOf(path) {
  const match = /^\/rooms\/([^/]+)\/?$/.exec(path);
  if (!match) return null;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return null; // a broken escape names no room
  }
}
