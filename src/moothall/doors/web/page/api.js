/**
 * The server's requests (docs/protocol/web.md §4 to §6): one function each. Holds no state but the operator's token,
 * in `storage.js`.
 */

import { keepToken, keptToken } from "./storage.js";

// A server that hangs is as good as none. The log of a long sitting may take its time.
const ANSWER_MS = 10_000;
const LOG_MS = 60_000;

/**
 * What went wrong with a request: the server's `reason` and sentence; `status` is 0 where it could not be reached.
 */
export class Refused extends Error {
  constructor(status, reason, text) {
    super(text);
    this.status = status;
    this.reason = reason;
  }
}

/** Return the address of a room's requests. */
export function roomUrl(room, rest = "") {
  return `/api/rooms/${encodeURIComponent(room)}${rest}`;
}

/** Return the address of a room's page. */
export function pageUrl(room, sitting = null) {
  return `/rooms/${encodeURIComponent(room)}${sitting === null ? "" : `?sitting=${sitting}`}`;
}

/** Return the address of a sitting's log as a file, in one of the formats of web.md §5. */
export function logUrl(room, sitting, format) {
  return roomUrl(room, `/log?sitting=${sitting}&format=${format}`);
}

export const rooms = async () => (await ask("/api/rooms")).rooms;
export const roomState = (room) => ask(roomUrl(room));
export const sittings = async (room) => (await ask(roomUrl(room, "/sittings"))).sittings;
export const bots = async () => (await ask("/api/bots")).bots;

/** Return a room's state from the list; undefined where there is none, which asked for by name is an error. */
export async function listedRoom(name) {
  return (await rooms()).find(({ room }) => room.toLowerCase() === name.toLowerCase());
}

/** Return all entries of one sitting, page by page. */
export async function sittingLog(room, sitting) {
  const entries = [];
  for (let after = 0, more = true; more; after = entries.at(-1)?.seq ?? 0) {
    const page = await ask(roomUrl(room, `/log?sitting=${sitting}&format=json&limit=5000&after=${after}`));
    entries.push(...page.entries);
    more = page.more && page.entries.length > 0;
  }
  return entries;
}

export const openRoom = (settings) => lead("POST", "/api/rooms", settings);
export const closeRoom = (room) => lead("DELETE", roomUrl(room));
export const queueTopic = (room, topic) => lead("POST", roomUrl(room, "/topics"), { topic });
export const command = (room, frame) => lead("POST", roomUrl(room, "/commands"), frame);
export const sendBots = (room, names) => lead("POST", roomUrl(room, "/bots"), { bots: names });

// A request of the operator's. A token that the server doesn't take is forgotten, so that it is asked for again.
async function lead(method, url, body = null) {
  const headers = { Authorization: `Bearer ${keptToken()}` };
  if (body !== null) headers["Content-Type"] = "application/json";
  try {
    return await ask(url, { method, headers, body: body === null ? null : JSON.stringify(body) });
  } catch (error) {
    if (error.status === 401) keepToken("");
    throw error;
  }
}

async function ask(url, options = {}) {
  const deadline = AbortSignal.timeout(url.includes("/log?") ? LOG_MS : ANSWER_MS);
  let response, text;
  try {
    response = await fetch(url, { cache: "no-store", signal: deadline, ...options });
    text = await response.text();
  } catch {
    throw new Refused(0, "unreachable", "");
  }
  const answer = objectOf(text);
  if (!response.ok) throw new Refused(response.status, answer.reason ?? "", answer.text ?? response.statusText);
  return answer;
}

function objectOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {}; // an answer of something between here and the server
  }
}
