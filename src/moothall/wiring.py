"""The one module that knows everybody: settings in, a running server out."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from inspect import iscoroutinefunction

from moothall.bots.load import find_function
from moothall.bots.players import Players
from moothall.doors.front import Door, DoorKind, FrontDoor, SentenceDoor
from moothall.doors.gate import DoorLimits, Gate
from moothall.doors.json_lines.door import JsonDoor
from moothall.doors.link import Link
from moothall.doors.text.door import TextDoor
from moothall.doors.text.manners import TextManners
from moothall.doors.web.allowlist import Allowlist
from moothall.doors.web.door import WebDoor
from moothall.doors.web.site import Site, web_door
from moothall.doors.web.token import OperatorToken
from moothall.engine.names import fold
from moothall.engine.policies import Policy
from moothall.errors import BadSetting, DataCorrupt, StorageError
from moothall.hall.clock import Clock, SystemClock
from moothall.hall.custom import guarded
from moothall.hall.hall import Hall
from moothall.hall.limits import HallLimits, OwnRules
from moothall.hall.retention import Keep
from moothall.hall.timers import Alarm
from moothall.log.late import LateLog
from moothall.log.lock_file import LockFile
from moothall.log.memory import MemoryLog
from moothall.log.room_log import RoomLog
from moothall.log.sqlite import SqliteLog, open_log
from moothall.log.timed import CommitTimes, TimedLog
from moothall.settings import Settings, cannot_be, check, is_loopback, main_room, rules_of

__all__ = ["RunningServer", "custom_policy", "max_line_bytes", "start_server"]

logger = logging.getLogger(__name__)

_HEARTBEAT_MS = 1_000
_MOST_AHEAD_SECONDS = 10 * 365 * 24 * 3600
_STOP_SECONDS = 3.0
_RETRY_AFTER_SECONDS = 1
"""When those who are to come back may try: by then a server that is started anew at once is there again."""
_LAST_TURNS = 3
"""Turns of the event loop before the end, in which what has come in already is read."""
_BACKLOG = 4096


class RunningServer:
    """A hall with its doors open. `port` is the one that was bound, also where any was asked for.

    `damaged` is set once the log is found to be damaged: nothing is taken any more, and `damage` says what it is.

    Args:
        clock: its time; None, and it is the machine's.
        operator_token: what the operator shows through the web door; None, and nobody is the operator there.
    """

    def __init__(
        self, settings: Settings, *, clock: Clock | None = None, operator_token: OperatorToken | None = None
    ) -> None:
        self.settings = settings
        customs = _customs(settings)
        self.loop = asyncio.get_running_loop()
        self.damaged = asyncio.Event()
        self.damage: DataCorrupt | None = None
        self._commits = CommitTimes()
        self.lock = LockFile(settings.data) if settings.data else None
        last_alive = (self.lock.last_alive() if self.lock else None) or 0
        if last_alive > (time.time() + _MOST_AHEAD_SECONDS) * 1000:
            last_alive = 0  # no clock was ever so wrong: it is the note that is damaged
        self._last_alive = last_alive
        self.clock: Clock = SystemClock(self.loop, last_alive) if clock is None else clock
        try:
            self.log = self._open_log()
        except BaseException:
            self._unlock()
            raise
        try:
            timed = TimedLog(self.log, self._commits.take, time.perf_counter)
            self.hall = _hall(timed, self.clock, settings, customs)
        except BaseException:
            self._let_go()
            raise
        self.limits = DoorLimits(
            max_connections=settings.max_connections,
            max_unjoined=settings.max_unjoined,
        )
        self.gate = Gate(self.limits)
        self.port = settings.port
        self._players = Players(settings.bind[0], settings.port)
        self._web = self._web_door(operator_token)
        self._servers: list[asyncio.Server] = []
        self._heartbeat = Alarm(self._beat)

    async def open(self) -> None:
        """Go on with the sittings that are open, and open the doors."""
        now = self.clock.now()
        self.hall.press.on_damage = self._take_damage
        self.hall.on_fill = lambda room, count: self._players.fill(room, count, self.hall.rules_of(room).reserve)
        self.hall.start(stopped_at=min(self._last_alive or now, now))
        self._beat()
        for address in self.settings.bind:
            await self._listen(address)
        self.hall.fill_again()

    async def stop(self, *, close_sittings: bool) -> None:
        """Say goodbye to everyone, wait until they have read it, and let go of the data.

        Args:
            close_sittings: end them for good; else the next start goes on with them.
        """
        try:
            self.hall.timers.set(self._heartbeat, None)
            for server in self._servers:
                server.close()
            for _ in range(_LAST_TURNS):
                await asyncio.sleep(0)
            self.hall.stop(close_sittings=close_sittings)
            everybody_left = asyncio.Event()
            is_back_soon = not close_sittings and self.damage is None
            self.gate.say_goodbye(everybody_left.set, _RETRY_AFTER_SECONDS if is_back_soon else None)
            with suppress(TimeoutError):
                async with asyncio.timeout(_STOP_SECONDS):
                    await everybody_left.wait()
            self.gate.drop_all()
            for _ in range(_LAST_TURNS):
                await asyncio.sleep(0)  # so that nobody answers any more who would be cut short
        finally:
            # Only now: who is told to stop earlier gives the seat up, which is kept for the next start.
            self._players.end()
            self._let_go()

    def _open_log(self) -> SqliteLog | LateLog | MemoryLog:
        if self.lock is None:
            return MemoryLog()
        log = open_log(
            self.settings.data,
            self.settings.durability,
            noted_row=self.lock.noted_row(),
            on_stored=self.lock.note_row,
        )
        if log.missing_rows:
            logger.warning(
                "log ends earlier than the server before had stored, as after a backup was put in its place; whoever "
                "comes back is told to begin anew rows missing=%d",
                log.missing_rows,
            )
        return log

    def _take_damage(self, error: DataCorrupt) -> None:
        self.damage = error
        self.damaged.set()

    def _let_go(self) -> None:
        try:
            if self.damage is None:
                self.log.close()
            else:
                self.log.abandon()  # who goes on writing could make it worse
        finally:
            self._unlock()

    def _unlock(self) -> None:
        if self.lock is not None:
            self.lock.touch(self.clock.now())
            self.lock.close()

    async def _listen(self, address: str) -> None:
        try:
            server = await self.loop.create_server(self._front_door, address, self.port, backlog=_BACKLOG)
        except OSError as error:
            if self._servers:
                # The second address of the loopback: not every machine has it.
                logger.info("address not bound address=%s error=%s", address, error)
                return
            raise BadSetting(f"Port {self.port} on {address} cannot be used: {error.strerror or error}.") from None
        self._servers.append(server)
        self.port = self._players.port = server.sockets[0].getsockname()[1]

    def _front_door(self) -> FrontDoor:
        return FrontDoor(self._doors(), gate=self.gate, limits=self.limits, clock=self.clock, timers=self.hall.timers)

    def _doors(self) -> Mapping[DoorKind, Door]:
        settings, hall = self.settings, self.hall
        line_bytes = max_line_bytes(settings.max_text_chars)
        room = main_room(settings)
        manners = TextManners(room=room, is_bare=settings.bare, keeps_early=settings.early, max_line_bytes=line_bytes)
        return {
            DoorKind.TEXT: lambda link: TextDoor(link, hall, manners),
            DoorKind.JSON: lambda link: JsonDoor(link, hall, line_bytes, room),
            DoorKind.HTTP: self._web,
            DoorKind.IRC: self._says(b"ERROR :Moothall has no IRC door yet. Say a name to speak plain lines.\r\n"),
            DoorKind.TLS: self._says(b"Moothall has no TLS door yet. Connect without TLS.\r\n"),
        }

    def _web_door(self, token: OperatorToken | None) -> WebDoor:
        settings, hall = self.settings, self.hall
        line_bytes = max_line_bytes(settings.max_text_chars)
        is_open = not all(map(is_loopback, settings.bind))
        return web_door(
            Site(
                hall=hall,
                gate=self.gate,
                commits=self._commits,
                allowlist=Allowlist(settings.allow_host, takes_addresses=is_open),
                token=token,
                send_bots=self._players.send,
                line_door=lambda link, room: JsonDoor(link, hall, line_bytes, room),
                max_body_bytes=line_bytes,
            )
        )

    def _says(self, sentence: bytes) -> Door:
        def door(link: Link) -> SentenceDoor:
            return SentenceDoor(link, sentence)

        return door

    def _beat(self) -> None:
        now = self.clock.now()
        self.hall.timers.set(self._heartbeat, now + _HEARTBEAT_MS)
        if self.lock is not None:
            self.lock.touch(now)
        try:
            self.log.flush()
        except StorageError as error:
            logger.warning("log not written error=%s", error)
        except DataCorrupt as error:
            self.hall.press.give_up(error)
        # Our clock may be ahead of the machine's: words are not old because of that.
        self.hall.tidy(min(now, int(time.time() * 1000)))


def custom_policy(where: str) -> Policy:
    """Return the function behind a policy `custom`, made safe.

    Raises:
        BadSetting: there is none at `where`, or it could never answer at once.
    """
    try:
        function = find_function(where)
    except BadSetting as error:
        raise cannot_be("--policy", f"{where}: {error}") from error
    if iscoroutinefunction(function):
        raise cannot_be("--policy", f"{where} is async: a policy answers at once.")
    return guarded(function)


def _customs(settings: Settings) -> dict[str, Policy]:
    named = {settings.custom_policy, *(rules.custom_policy for rules in settings.room_rules.values())}
    return {where: custom_policy(where) for where in sorted(named) if where}


def _hall(log: RoomLog, clock: Clock, settings: Settings, customs: Mapping[str, Policy]) -> Hall:
    return Hall(
        log,
        clock,
        rules=rules_of(settings),
        new_seed=lambda seed: settings.seed or seed or secrets.token_hex(8),
        new_key=lambda: f"k_{secrets.token_urlsafe(16)}",
        limits=HallLimits(
            rooms=settings.rooms,
            main=main_room(settings),
            max_rooms=settings.max_rooms,
            max_spectators=settings.max_spectators,
            keep=Keep(days=settings.keep_days, entries=settings.keep_entries),
        ),
        custom=customs.get(settings.custom_policy),
        own={
            fold(room): OwnRules(rules, customs.get(rules.custom_policy)) for room, rules in settings.room_rules.items()
        },
    )


def max_line_bytes(max_text_chars: int) -> int:
    """Return how long a line may be: JSON's worst escapes take twelve bytes a character, and 1 KiB is for the rest."""
    return 12 * max_text_chars + 1024


async def start_server(
    settings: Settings, *, clock: Clock | None = None, operator_token: OperatorToken | None = None
) -> RunningServer:
    """Start a server.

    Args:
        clock: its time; None, and it is the machine's. Tests have one that skips the waiting.
        operator_token: what the operator shows through the web door; None, and nobody is the operator there.

    Raises:
        BadSetting: a setting that cannot be, or an address that cannot be bound.
        DataInUse, DataCorrupt, DataTooNew: the data cannot be served.
    """
    check(settings)
    server = RunningServer(settings, clock=clock, operator_token=operator_token)
    try:
        await server.open()
    except BaseException:
        await server.stop(close_sittings=False)
        raise
    return server
