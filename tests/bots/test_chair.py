"""A chair decides who speaks, for as long as it is there; whatever it does, the room goes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from moothall import ChairView, Topic, Turn, Utterance, run_chair
from moothall.bots.bot import Bot
from moothall.bots.chair import Choose, chair_view, chosen, floor_to_give, preside
from moothall.bots.client import Client
from moothall.bots.fold import fold
from moothall.bots.run import IS_LOADING, play
from moothall.engine.commands import Pause, Unpause
from moothall.engine.events import (
    Benched,
    ChairNamed,
    Event,
    FloorGranted,
    FloorRequested,
    Left,
    Passed,
    Said,
    Seated,
    SittingClosed,
    TopicClosed,
    TopicOpened,
    WentAway,
)
from moothall.engine.evolve import empty_room, evolve
from moothall.engine.names import Name, RoomName
from moothall.engine.room import Room
from moothall.engine.words import Kind, LeaveReason, PolicyName, TopicEnd
from moothall.errors import Unreachable
from moothall.wire.change import Change
from moothall.wire.json_lines import Stamp
from tests.bots.servers import HERE, Proxy, a_server, free_port

CHAIR, KARI, OLA, NINA = Name("Chair"), Name("Kari"), Name("Ola"), Name("Nina")
MAIN = RoomName("main")


def room_of(*events: Event) -> Room:
    """A room in which the chair and three others are seated and a topic is open, after some more events."""
    seated = [Seated(name, number, Kind.BOT, keyed=True) for number, name in enumerate((CHAIR, KARI, OLA, NINA), 1)]
    opened = TopicOpened("hug", "Host", "Do you want to hug?", PolicyName.CHAIR)
    room = empty_room(MAIN)
    for seq, event in enumerate([opened, *seated, ChairNamed("chair"), *events], 1):
        room = fold(room, event, Stamp(seq, 0))
    return room


def test_a_chair_sees_who_can_be_given_the_floor_and_who_asks_for_it() -> None:
    """Not who is away or on the bench, and not itself: whatever it picks from what it sees is good."""
    room = room_of(
        FloorRequested(OLA),
        FloorRequested(KARI),
        FloorGranted(KARI, 1),
        Said(KARI, 1, "Oh yes"),
        FloorRequested(KARI),
        Benched(NINA, 3),
    )

    assert chair_view(room, CHAIR, [Utterance("Kari", "Oh yes")]) == ChairView(
        topic=Topic("hug"),
        question="Do you want to hug?",
        host="Host",
        name="Chair",
        names=("Kari", "Ola"),
        turns={"Kari": 1, "Ola": 0},
        requests=("Ola", "Kari"),
        transcript=(Utterance("Kari", "Oh yes"),),
    )
    assert chair_view(evolve(room, WentAway(OLA, 9), 0), CHAIR, ()).names == ("Kari",)


@pytest.mark.parametrize(
    ("events", "turn"),
    [
        ((), 1),
        ((FloorGranted(KARI, 1),), None),
        ((FloorGranted(KARI, 1), Passed(KARI, 1)), 2),
        ((TopicClosed(TopicEnd.CHAIR),), None),
        ((Left(CHAIR, LeaveReason.LOST),), None),
        ((Benched(KARI, 3), Benched(OLA, 3), Benched(NINA, 3)), None),
        ((TopicOpened("eat", "Host", "Do you want to eat?", PolicyName.REQUEST),), None),
    ],
)
def test_the_floor_is_the_chairs_to_give_while_it_is_free(events: tuple[Event, ...], turn: int | None) -> None:
    """On a topic, under its own policy, where there is somebody to give it to."""
    assert floor_to_give(room_of(*events), CHAIR) == turn
    assert floor_to_give(room_of(*events), KARI) is None


def test_a_choice_is_a_name_in_any_spelling_or_none() -> None:
    """What is neither is an error, and so is a name that gets no turn."""
    room = room_of(Benched(NINA, 3))

    assert (chosen(room, CHAIR, "KARI"), chosen(room, CHAIR, None)) == (KARI, None)
    for nobody in ("Per", "Nina", "Chair"):
        with pytest.raises(ValueError, match=nobody):
            chosen(room, CHAIR, nobody)
    with pytest.raises(TypeError, match="not int"):
        chosen(room, CHAIR, 3)


class Heard(list[Event]):
    """What a chair was told of."""

    def __call__(self, change: Change) -> None:
        self.append(change.event)

    def speakers(self) -> list[str]:
        return [str(event.name) for event in self if isinstance(event, Said)]

    def granted(self) -> list[str]:
        return [str(event.name) for event in self if isinstance(event, FloorGranted)]


def says_its_turn(turn: Turn) -> str:
    return f"Turn {turn.round}"


def setting(event: asyncio.Event) -> Callable[[Change], None]:
    return lambda _: event.set()


async def talk(port: int, choose: Choose, *, chair_port: int | None = None, bot: Bot = says_its_turn) -> Heard:
    """Let a chair, Kari and Ola hold a sitting, seated in this order; return what the chair was told of."""
    heard = Heard()
    async with asyncio.TaskGroup() as group:
        seated = asyncio.Event()

        def hear(change: Change) -> None:
            heard(change)
            seated.set()

        group.create_task(preside(choose, host=HERE, port=chair_port or port, on_change=hear))
        await seated.wait()
        for name in ("Kari", "Ola"):
            is_here = asyncio.Event()
            group.create_task(play(bot, name, host=HERE, port=port, on_change=setting(is_here)))
            await is_here.wait()
    return heard


async def test_the_chair_decides_the_order_and_ends_the_topic() -> None:
    """The last to have come speaks first and twice, and then it is enough."""
    views: list[ChairView] = []

    def choose(room: ChairView) -> str | None:
        views.append(room)
        return {0: "Ola", 1: "ola", 2: "Kari"}.get(len(room.transcript))

    async with a_server(3, policy=PolicyName.CHAIR, chair="Chair", until="chair") as server:
        heard = await talk(server.port, choose)

    assert heard.speakers() == ["Ola", "Ola", "Kari"]
    assert [view.turns for view in views] == [
        {"Kari": 0, "Ola": 0},
        {"Kari": 0, "Ola": 1},
        {"Kari": 0, "Ola": 2},
        {"Kari": 1, "Ola": 2},
    ]
    assert [event.text for event in heard if isinstance(event, Said)] == ["Turn 1", "Turn 2", "Turn 1"]
    assert views[-1].transcript[-1] == Utterance("Kari", "Turn 1")
    assert [event.reason for event in heard if isinstance(event, TopicClosed)] == [TopicEnd.CHAIR]
    assert isinstance(heard[-1], SittingClosed)


async def test_an_async_chair_that_is_too_slow_is_stopped_and_the_room_goes_on() -> None:
    """The room gives the floor itself after as long as a turn lasts; the next free floor is the chair's again."""
    calls: list[int] = []

    async def choose(room: ChairView) -> str | None:
        calls.append(len(room.transcript))
        if not room.transcript:
            await asyncio.Event().wait()
        return "Kari"

    async with a_server(3, policy=PolicyName.CHAIR, chair="Chair", until="turns=2", turn_seconds=0.2) as server:
        heard = await talk(server.port, choose)

    assert (heard.speakers()[-1], calls) == ("Kari", [0, 1])


async def test_a_choice_that_comes_too_late_is_not_carried_out() -> None:
    """A function cannot be stopped; by then somebody else has the floor, and it is asked again."""
    is_free = threading.Event()
    shown: list[int] = []

    def choose(room: ChairView) -> str | None:
        shown.append(len(room.transcript))
        if not room.transcript:
            is_free.wait(10)
            return None  # would close the topic
        return "Ola"

    def bot(turn: Turn) -> str:
        is_free.set()
        return "Yes"

    async with a_server(3, policy=PolicyName.CHAIR, chair="Chair", until="turns=2", turn_seconds=0.2) as server:
        heard = await talk(server.port, choose, bot=bot)

    assert (len(heard.speakers()), heard.speakers()[-1], shown) == (2, "Ola", [0, 1])


@pytest.mark.parametrize("wrong", ["Nobody", 3, LookupError("no idea")])
async def test_a_chair_that_is_wrong_is_logged_and_costs_a_pause(
    wrong: object, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is granted for it; the room's own deadline goes on, and the next choice may be better."""

    def choose(room: ChairView) -> object:
        if room.transcript:
            return "Ola"
        if isinstance(wrong, Exception):
            raise wrong
        return wrong

    async with a_server(3, policy=PolicyName.CHAIR, chair="Chair", until="turns=2", turn_seconds=0.2) as server:
        heard = await talk(server.port, choose)  # type: ignore[arg-type]

    assert heard.speakers() == ["Kari", "Ola"]
    assert [record.levelname for record in caplog.records if "nobody granted" in record.message] == ["ERROR"]


async def test_a_chair_that_was_wrong_is_asked_again_after_the_next_change() -> None:
    """Long before its deadline, where something happens."""
    calls: list[int] = []
    asked = asyncio.Event()

    async def choose(room: ChairView) -> str | None:
        calls.append(len(calls))
        asked.set()
        return "Kari" if len(calls) > 1 else "Nobody"

    async with a_server(3, policy=PolicyName.CHAIR, chair="Chair", until="turns=1") as server:
        talking = asyncio.ensure_future(talk(server.port, choose))
        await asked.wait()
        server.hall.command(MAIN, Pause())
        server.hall.command(MAIN, Unpause())
        heard = await talking

    assert (heard.speakers(), calls) == (["Kari"], [0, 1])


async def test_a_chair_that_leaves_is_stood_in_for_and_one_that_comes_back_grants_again() -> None:
    """While its seat is empty whoever has had the fewest turns has the floor."""
    left, back = asyncio.Event(), asyncio.Event()
    turns: list[str] = []

    def only_ola(room: ChairView) -> str | None:
        return "Ola"

    async def bot(turn: Turn) -> str:
        turns.append(turn.name)
        if len(turns) == 2:
            first.cancel()
            await left.wait()
        if len(turns) == 4:
            again.append(asyncio.ensure_future(preside(only_ola, host=HERE, port=server.port, on_change=come_back)))
            await back.wait()
        return f"Words {len(turns)}"

    def come_back(change: Change) -> None:
        if change.after.seated_chair is not None and change.after.turn_number >= 4:
            back.set()

    again: list[asyncio.Future[None]] = []
    async with (
        a_server(3, policy=PolicyName.CHAIR, chair="Chair", until="turns=6") as server,
        Client(HERE, server.port, watch=True) as reader,
    ):
        first = asyncio.ensure_future(preside(only_ola, host=HERE, port=server.port))
        async for event, _ in reader:
            if isinstance(event, Seated):
                break
        async with asyncio.TaskGroup() as group:
            for name in ("Kari", "Ola"):
                group.create_task(play(bot, name, host=HERE, port=server.port))
            speakers = []
            async for event, _ in reader:
                match event:
                    case Said(name):
                        speakers.append(str(name))
                    case Left("Chair"):
                        left.set()
        await asyncio.gather(*again)
        await asyncio.wait([first])

    assert first.cancelled()
    assert speakers == ["Ola", "Ola", "Kari", "Kari", "Ola", "Ola"]


async def test_a_chair_comes_back_to_its_seat_after_a_cut() -> None:
    """No floor is given twice, and none is forgotten."""

    def choose(room: ChairView) -> str | None:
        proxy.sever()
        return min(room.names, key=lambda name: room.turns[name])

    async with (
        a_server(3, policy=PolicyName.CHAIR, chair="Chair", until="rounds=2") as server,
        Proxy(server.port) as proxy,
    ):
        heard = await talk(server.port, choose, chair_port=proxy.port)

    assert sorted(heard.speakers()) == ["Kari", "Kari", "Ola", "Ola"]
    assert [event.turn for event in heard if isinstance(event, FloorGranted)] == [1, 2, 3, 4]


async def test_a_chair_that_is_given_the_floor_passes() -> None:
    """Under a policy that goes round it has turns like everybody; it is there to listen."""

    def never(room: ChairView) -> str | None:
        raise AssertionError("nobody asks the chair")

    async with a_server(3) as server:
        heard = await talk(server.port, never)

    assert [event for event in heard if isinstance(event, Passed)] == [Passed(CHAIR, 1)]
    assert heard.speakers() == ["Kari", "Ola"]


async def test_a_chair_that_nobody_is_left_for_closes_the_topic() -> None:
    """It is given the floor, for want of others; it could pass for ever."""
    heard = Heard()
    async with a_server(1, policy=PolicyName.CHAIR, chair="Chair", until="chair", turn_seconds=0.05) as server:
        await preside(lambda room: "Kari", host=HERE, port=server.port, on_change=heard)

    assert heard.granted() == ["Chair"]
    assert [event.reason for event in heard if isinstance(event, TopicClosed)] == [TopicEnd.CHAIR]


async def test_who_is_not_in_the_chair_is_told_so() -> None:
    """It is the server that says who is; to run a chair is not enough."""
    told: list[str] = []
    async with a_server(1, policy=PolicyName.CHAIR) as server:
        await preside(lambda room: None, "Ada", host=HERE, port=server.port, on_notice=told.append)

    assert told == ["Ada is not in the chair. A server that is started with --chair Ada puts it there."]


def test_run_chair_waits_no_longer_than_it_is_told_to() -> None:
    """And not at all while its file is only looked into."""
    with pytest.raises(Unreachable):
        run_chair(lambda room: None, host=HERE, port=free_port(), give_up_seconds=0)
    token = IS_LOADING.set(True)
    run_chair(lambda room: None, host=HERE, port=free_port())
    IS_LOADING.reset(token)
