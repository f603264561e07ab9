"""The same bots over plain lines: `Name: words`, for a text door, or for anybody's own line server.

Sends its name first. Where the server is a Moothall (`* You are Kari …`) it answers when it is told that it is its
turn; elsewhere it answers the first who asks something of the form "Do you want to hug?", each time, at once. Only
that first one, the host, is answered: two bots that answer each other's questions would never end.
Normative for a Moothall: docs/protocol/text.md.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from collections.abc import Callable
from typing import Final

from moothall.bots.bot import Bot, Topic, Turn, Utterance, answer
from moothall.bots.connection import Connection, Notice, Patience, connect
from moothall.bots.entrance import next_name
from moothall.bots.run import IS_LOADING, name_of
from moothall.errors import Reason, Rejected

__all__ = ["play_lines", "run_line_bot"]

logger = logging.getLogger(__name__)

_SEATED: Final = re.compile(r"\* You are (?P<name>.+), seat \d+\.")
_YOUR_TURN: Final = re.compile(r"\* Your turn(?P<again> goes on)?(?:, (?P<seconds>[\d.e+]+) s)?\.")
_ROUND: Final = re.compile(r"\* Round (?P<round>\d+) of \d+\.")
_FLOOR: Final = re.compile(r"\* .+ has the floor(?:, [\d.e+]+ s)?\.")
_REFUSED: Final = re.compile(r"! (?P<reason>\w+): (?P<words>.*)")
_ASKED: Final = re.compile(r".*\bto (?P<topic>.+)\?\s*")
_WANTED: Final = re.compile(r".*?\bwant to (?P<topic>.+)\?\s*")
_MOST_NAMES: Final = 200
_MAX_REMEMBERED: Final = 10_000


def run_line_bot(  # noqa: PLR0913 - an option each
    bot: Bot,
    name: str | None = None,
    *,
    host: str = "localhost",
    port: int = 4242,
    room: str = "",
    pace: float = 0.0,
    give_up_seconds: float | None = None,
    on_notice: Notice | None = None,
    on_line: Callable[[str], None] | None = None,
) -> None:
    """Run a bot over plain lines until the goodbye, the end of the connection, or Ctrl-C.

    Args:
        room: of a Moothall; anybody else's server has none.
        on_line: is told every line that comes.

    Raises:
        Rejected: the server does not let it in.
        Unreachable: no server came in time.
    """
    if IS_LOADING.get():
        return
    coming = play_lines(
        bot,
        name,
        host=host,
        port=port,
        room=room,
        pace=pace,
        give_up_seconds=give_up_seconds,
        on_notice=on_notice,
        on_line=on_line,
    )
    try:
        asyncio.run(coming)
    except KeyboardInterrupt:
        logger.info("bot stopped")


async def play_lines(  # noqa: PLR0913 - as run_line_bot
    bot: Bot,
    name: str | None = None,
    *,
    host: str = "localhost",
    port: int = 4242,
    room: str = "",
    pace: float = 0.0,
    give_up_seconds: float | None = None,
    on_notice: Notice | None = None,
    on_line: Callable[[str], None] | None = None,
) -> None:
    """Do what `run_line_bot` does, in the event loop that runs."""
    connection = await _connect(host, port, Patience(give_up_seconds, on_notice or _to_log))
    player = _LinePlayer(bot, connection, name_of(bot) if name is None else name, room, pace)
    try:
        player.send_name()
        while (line := await connection.read_line()) is not None:
            text = line.decode("utf-8", "replace")
            if on_line is not None:
                on_line(text)
            if text.startswith("* Goodbye"):
                break
            await player.take(text)
    finally:
        await connection.close()


async def _connect(host: str, port: int, patience: Patience) -> Connection:
    while True:
        try:
            return await connect(host, port)
        except OSError:
            await patience.wait(f"No server at {host}, port {port}, yet.")


class _LinePlayer:
    """Reads lines as a first-time reader would, and answers those that ask it."""

    def __init__(self, bot: Bot, connection: Connection, name: str, room: str, pace: float) -> None:
        self._bot = bot
        self._connection = connection
        self._first_name = self._name = name
        self._names_tried = 1
        self._room = room
        self._pace = pace
        self._is_seated = False
        self._host = ""
        self._question = ""
        self._topic = Topic("talk")
        self._number = 0
        self._round = 1
        self._place = 1
        self._unsaid: str | None = None
        self._heard: deque[Utterance] = deque(maxlen=_MAX_REMEMBERED)
        self._transcript: deque[Utterance] = deque(maxlen=_MAX_REMEMBERED)

    def send_name(self) -> None:
        """Say who it is."""
        self._send(f"{self._name}@{self._room}" if self._room else self._name)

    async def take(self, line: str) -> None:
        """Read one line, and answer if it asks for it."""
        if line.startswith("* "):
            await self._take_notice(line)
        elif (refused := _REFUSED.fullmatch(line)) and not self._is_seated:
            self._take_refusal(refused["reason"], refused["words"])
        elif not line.startswith("! "):
            await self._take_utterance(line)

    async def _take_notice(self, line: str) -> None:
        if seated := _SEATED.match(line):
            self._is_seated = True
            self._name = seated["name"]
        elif turn := _YOUR_TURN.fullmatch(line):
            if turn["again"] is None:
                await self._answer(float(turn["seconds"] or 0))
            elif self._unsaid is not None:
                self._send(self._unsaid)  # it came into a pause
        elif line == "* Said.":
            if self._unsaid is not None:
                self._transcript.append(Utterance(self._name, self._unsaid))
            self._unsaid = None
        elif _FLOOR.fullmatch(line):
            self._place += 1
        elif opened := _ROUND.fullmatch(line):
            self._round, self._place = int(opened["round"]), 1

    async def _take_utterance(self, line: str) -> None:
        speaker, colon, words = line.partition(": ")
        if not colon or speaker == self._name:
            return
        asked = _WANTED.fullmatch(words) or _ASKED.fullmatch(words)
        if asked is None or self._host not in ("", speaker):
            self._heard.append(Utterance(speaker, words))
            self._transcript.append(Utterance(speaker, words))
            return
        self._host, self._question, self._topic = speaker, words, Topic(asked["topic"])
        self._round = self._place = 1
        self._transcript.clear()
        if not self._is_seated:
            await self._answer(0)

    def _take_refusal(self, reason: str, words: str) -> None:
        if reason == Reason.NAME_TAKEN and self._names_tried < _MOST_NAMES:
            self._names_tried += 1
            self._name = next_name(self._first_name, self._names_tried)
            self.send_name()
        elif reason in Reason.__members__.values():
            raise Rejected(Reason(reason), words)

    async def _answer(self, seconds: float) -> None:
        self._number += 1
        turn = self._turn(seconds)
        self._heard.clear()
        words = None
        try:
            await asyncio.sleep(self._pace)
            words = await answer(self._bot, turn)
        except Exception:  # the bot is somebody else's code: whatever it does costs its turn, not its seat
            logger.exception("bot raised name=%s turn=%d", turn.name, turn.number)
        self._unsaid = None if words is None else " ".join(words.split())
        if self._unsaid is not None:
            # At a Moothall a slash begins a command, and two say one.
            self._send(f"/{self._unsaid}" if self._is_seated and self._unsaid.startswith("/") else self._unsaid)
        elif self._is_seated:
            self._send("/pass")

    def _turn(self, seconds: float) -> Turn:
        return Turn(
            topic=self._topic,
            question=self._question,
            host=self._host,
            name=self._name,
            room=self._room,
            number=self._number,
            round=self._round,
            place=self._place,
            seconds=seconds,
            heard=tuple(self._heard),
            transcript=tuple(self._transcript),
        )

    def _send(self, line: str) -> None:
        self._connection.send(f"{line}\n".encode("utf-8", "replace"))


def _to_log(words: str) -> None:
    logger.warning("%s", words)
