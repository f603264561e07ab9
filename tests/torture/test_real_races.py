"""`say` against its deadline on a real server, with the machine's clock, over both doors and in many rooms at once.

How late time is called is measured, not asserted: that says something about the machine, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random
from statistics import median

from moothall.engine.events import Event, FloorGranted, FloorRevoked, Said, TimeCalled, TopicOpened
from moothall.engine.evolve import empty_room, evolve
from moothall.engine.names import Name, RoomName
from moothall.engine.words import OnMissed
from moothall.settings import Settings
from moothall.wire.change import Change
from moothall.wire.json_lines import decode_event
from moothall.wire.text import TEXT
from moothall.wiring import RunningServer, start_server
from tests.torture.amounts import amount
from tests.torture.racers import HERE, Racer, json_racer, text_racer

TURN_MS = 50
NET_SECONDS = 300


async def test_a_say_that_races_its_deadline_has_one_outcome(figure: Callable[[str], None]) -> None:
    """Whatever comes first counts; who was too late is told so, and every reader of the room is shown the same."""
    die = Random(1)
    rooms, turns = amount(ci=5, torture=25), amount(ci=6, torture=400)
    async with a_server(turns) as server, asyncio.TaskGroup() as group:
        talks = [
            group.create_task(racer(server, f"room{number}", name, lambda: die.randint(-3, 3)))
            for number in range(rooms)
            for racer, name in ((json_racer, "Ada"), (text_racer, "Ben"), (json_racer, "Cora"))
        ]
    racers = [talk.result() for talk in talks]

    said = 0
    late_ms: list[int] = []
    for racer in racers:
        log = the_log(server, racer.room)
        kinds = [type(event) for event, _ in log]
        assert outcomes_of(log) == [*range(1, turns + 1)]
        assert all(ms >= 0 for ms in lateness(log))
        assert FloorRevoked not in kinds
        assert has_read(server, racer)
        assert is_answered(log, racer)
        said += sum(isinstance(event, Said) and event.name == racer.name for event, _ in log)
        late_ms += racer.late_ms
    assert len(racers) == 3 * rooms

    races = rooms * turns
    figure(f"races, real clock: {races} with one outcome each ({said} said), all readers agree; {told(late_ms)}")


async def test_time_is_never_called_early(figure: Callable[[str], None]) -> None:
    """On a machine that has nothing else to do it is called soon after, too: one room, in which nobody says a word."""
    turns = amount(ci=6, torture=200)
    async with a_server(turns) as server, asyncio.TaskGroup() as group:
        talks = [group.create_task(json_racer(server, "main", name, lambda: None)) for name in ("Ada", "Ben", "Cora")]
    log = the_log(server, "main")

    late_ms = lateness(log)
    assert len(late_ms) == turns
    assert min(late_ms) >= 0
    assert min(talks[0].result().late_ms) >= 0

    figure(f"deadlines, real clock, idle: {turns} called; {told(talks[0].result().late_ms)}")


@asynccontextmanager
async def a_server(turns: int) -> AsyncIterator[RunningServer]:
    settings = Settings(
        bind=(HERE,),
        port=0,
        seats=3,
        topics=("hug",),
        until=f"turns={turns}",
        turn_seconds=TURN_MS / 1000,
        on_missed=OnMissed.NONE,
        early=False,
    )
    server = await start_server(settings)
    try:
        async with asyncio.timeout(NET_SECONDS):
            yield server
    finally:
        await server.stop(close_sittings=True)


def the_log(server: RunningServer, room: str) -> list[tuple[Event, int]]:
    return [(event, at) for event, at, _ in entries(server, room)]


def entries(server: RunningServer, room: str) -> list[tuple[Event, int, bytes]]:
    found: list[tuple[Event, int, bytes]] = []
    while page := server.log.read(RoomName(room), after=len(found)):
        for entry in page:
            event, stamp = decode_event(entry.body)
            found.append((event, stamp.at, entry.body))
    return found


def outcomes_of(log: list[tuple[Event, int]]) -> list[int]:
    """Return the turns that ended, one number for each outcome."""
    return [event.turn or 0 for event, _ in log if isinstance(event, Said | TimeCalled)]


def lateness(log: list[tuple[Event, int]]) -> list[int]:
    deadlines = {event.turn: event.deadline or 0 for event, _ in log if isinstance(event, FloorGranted)}
    return [at - deadlines[event.turn] for event, at in log if isinstance(event, TimeCalled)]


def has_read(server: RunningServer, racer: Racer) -> bool:
    """Tell whether a client has read the log in its own words, from the host's question on."""
    read = [line for line in racer.lines if not line.startswith((b"! ", b'{"reply"'))]
    lines: list[bytes] = []
    before = empty_room(RoomName(racer.room))
    for event, at, body in entries(server, racer.room):
        after = evolve(before, event, at)
        words = racer.dialect.line(Change(event, before, after, body), Name(racer.name))
        lines = [*([] if isinstance(event, TopicOpened) else lines), *words.splitlines(keepends=True)]
        before = after
    return read[-len(lines) :] == lines


def is_answered(log: list[tuple[Event, int]], racer: Racer) -> bool:
    """Tell whether a client had one answer to each of its words, a receipt or a refusal.

    There may be none once the sitting is over. The text door says only once in a turn that it is somebody else's.
    """
    said = sum(isinstance(event, Said) and event.name == racer.name for event, _ in log)
    refused = sum(line.startswith((b"! ", b'{"reply":"refused"')) for line in racer.lines)
    *_, last = [event.name for event, _ in log if isinstance(event, FloorGranted)]
    unanswered = racer.says - said - refused
    return unanswered == 0 or (unanswered > 0 and (last == racer.name or racer.dialect is TEXT))


def told(late_ms: list[int]) -> str:
    if not late_ms:
        return "nobody was late"
    return f"time read {median(late_ms):.0f} ms (p50) and {max(late_ms)} ms (most) after its deadline"
