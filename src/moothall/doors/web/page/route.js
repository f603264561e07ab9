/**
 * Which view of the page an address asks for. Never reads anything of the address but the room and the sitting.
 */

import { showHall } from "./hall.js";
import { showSitting } from "./reader.js";
import { showRoom } from "./room.js";

/** Show what the address asks for: the hall, a room, or one of its sittings. */
export function route() {
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
