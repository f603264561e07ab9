"""Getting into a room: who is refused, who is told another name, who comes later."""

import asyncio

import pytest

from moothall.bots.connection import Connection, connect
from moothall.bots.entrance import Entrance, NotNowError, next_name
from moothall.engine.names import Name, RoomName
from moothall.errors import Reason, Rejected, Unreachable
from moothall.wire.frames import Frame, JoinFrame, PongFrame
from moothall.wire.json_lines import decode_frame, encode_line
from moothall.wire.replies import Goodbye, Joined, Ping, Refused, Reply, Reset, Resumed, Waiting
from tests.bots.servers import HERE, a_foreign_server

MAIN = RoomName("main")
JOINED = Joined(room=MAIN, name=Name("Kari"), seat=2, key="k", epoch="e", after=40, seq=43, version=1)
RESUMED = Resumed(room=MAIN, name=Name("Kari"), seat=2, epoch="e", after=43, seq=43)
SILENCE: list[str] = []
WISH = JoinFrame(room="main", name="Kari", about="eight lines")


class Script:
    """A server that gives the answers of its list, one a line that comes; the lines are in `asked`."""

    def __init__(self, *answers: Reply | bytes) -> None:
        self._answers = answers
        self.asked: list[Frame] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in self._answers:
            self.asked.append(decode_frame((await reader.readline()).rstrip(b"\n")))
            writer.write(answer if isinstance(answer, bytes) else encode_line(answer))


def refused(reason: Reason, text: str = "No.") -> Refused:
    return Refused(do="join", reason=reason, text=text)


def entrance(*, may_rename: bool = False, told: list[str] | None = None) -> Entrance:
    return Entrance(WISH, may_rename=may_rename, on_notice=(SILENCE if told is None else told).append)


async def enter(it: Entrance, connection: Connection, *, may_start_anew: bool = False) -> Reply:
    return await it.enter(connection, 43, may_start_anew=may_start_anew)


async def walk(script: Script, it: Entrance, times: int = 1, *, may_start_anew: bool = False) -> Reply | None:
    """Enter so many times over one line; return the last welcome."""
    welcome = None
    async with a_foreign_server(script) as port:
        connection = await connect(HERE, port)
        try:
            for _ in range(times):
                welcome = await enter(it, connection, may_start_anew=may_start_anew)
        finally:
            await connection.close()
    return welcome


async def test_it_joins_and_then_comes_back_with_its_key() -> None:
    """Only `joined` tells the key; the name is as the server seated it."""
    script, it = Script(JOINED, RESUMED), entrance()

    assert await walk(script, it, 2) == RESUMED
    assert script.asked == [
        WISH,
        JoinFrame(room="main", name="Kari", about="eight lines", key="k", epoch="e", after=43),
    ]
    assert (it.name, it.seat, it.key, it.epoch) == ("Kari", 2, "k", "e")


async def test_who_waits_for_a_seat_answers_pings_until_there_is_one() -> None:
    """It may take hours; the place in the line is told."""
    told: list[str] = []
    script = Script(Waiting(room=MAIN, place=2), Ping(), Ping(), JOINED)

    assert await walk(script, entrance(told=told)) == JOINED
    assert told == ["Every seat in main is taken: number 2 waits for one."]
    assert script.asked[1:] == [PongFrame()] * 3


async def test_who_came_into_any_room_comes_back_to_that_one() -> None:
    """The key is that room's."""
    it = Entrance(JoinFrame(room="any", name="Kari"), may_rename=False, on_notice=SILENCE.append)
    script = Script(JOINED, RESUMED)
    await walk(script, it, 2)

    assert [frame.room for frame in script.asked if isinstance(frame, JoinFrame)] == ["any", "main"]


async def test_a_spectator_comes_back_with_its_epoch() -> None:
    """It has no key, and no seat to lose."""
    joined = Joined(room=MAIN, epoch="e", after=40, seq=43, version=1)
    script = Script(joined, Resumed(room=MAIN, epoch="e", after=43, seq=43))
    it = Entrance(JoinFrame(room="main", watch=True), may_rename=False, on_notice=SILENCE.append)

    await walk(script, it, 2)

    assert script.asked == [JoinFrame(room="main", watch=True), JoinFrame(room="main", watch=True, epoch="e", after=43)]


async def test_a_taken_name_is_refused_unless_another_will_do() -> None:
    """People choose their name; a bot has a number to spare."""
    taken = refused(Reason.NAME_TAKEN, "Kari is already here. Type another name.")
    with pytest.raises(Rejected) as refusal:
        await walk(Script(taken), entrance())
    assert str(refusal.value) == "name_taken: Kari is already here. Type another name."

    told: list[str] = []
    script = Script(taken, taken, JOINED)
    await walk(script, entrance(may_rename=True, told=told))

    assert [frame.name for frame in script.asked if isinstance(frame, JoinFrame)] == ["Kari", "Kari-2", "Kari-3"]
    assert told[0] == "Kari is already here. Trying the name Kari-2."


def test_another_name_is_no_longer_than_a_name_may_be() -> None:
    """A name has 32 characters, and no space before its number."""
    assert (next_name("Kari", 2), next_name("x" * 32, 100), next_name(f"{'x' * 29} y", 2)) == (
        "Kari-2",
        f"{'x' * 28}-100",
        f"{'x' * 29}-2",
    )


async def test_a_lost_seat_is_replaced_where_nothing_had_begun() -> None:
    """A bot that waited for the others waits on."""
    again = Joined(room=MAIN, name=Name("Kari"), seat=1, key="k2", epoch="e2", after=0, seq=2, version=1)
    script, it = Script(JOINED, refused(Reason.KEY_UNKNOWN), again), entrance()

    assert await walk(script, it, 2, may_start_anew=True) == again
    assert (script.asked[2], it.key, it.is_seat_gone) == (WISH, "k2", False)


async def test_of_a_lost_sitting_the_rest_is_read_as_a_spectator() -> None:
    """What was said after one was lost is in the log all the same."""
    rest = Resumed(room=MAIN, epoch="e", after=43, seq=51)
    script, it = Script(JOINED, refused(Reason.KEY_UNKNOWN), rest), entrance()

    assert await walk(script, it, 2) == rest
    assert script.asked[2] == JoinFrame(room="main", name="Kari", about="eight lines", watch=True, epoch="e", after=43)
    assert (it.is_seat_gone, it.name, it.seat) == (True, "Kari", 2)


async def test_another_epoch_keeps_the_seat() -> None:
    """`reset` voids what was read, not the seat; a later return asks with the new epoch."""
    reset = Reset(room=MAIN, name=Name("Kari"), seat=2, epoch="e2", after=10, seq=12)
    script, it = Script(JOINED, reset), entrance()

    assert await walk(script, it, 2) == reset
    assert (it.epoch, it.key) == ("e2", "k")


@pytest.mark.parametrize(
    "answer",
    [
        refused(Reason.CLOSING),
        refused(Reason.STORAGE),
        refused(Reason.TOO_FAST),
        Goodbye(reason=Reason.CLOSING, text="The server is stopping."),
    ],
)
async def test_a_server_that_cannot_just_now_is_asked_later(answer: Reply) -> None:
    """It is an OSError, as an absent server is."""
    with pytest.raises(NotNowError):
        await walk(Script(answer), entrance())


async def test_a_line_that_ends_before_the_answer_is_asked_later() -> None:
    """The server went down just then."""
    with pytest.raises(ConnectionError):
        await walk(Script(), entrance())


@pytest.mark.parametrize("answer", [b"220 mail ready\n", encode_line(Ping()), b'{"event":"paused","seq":1,"at":2}\n'])
async def test_who_answers_otherwise_is_no_moothall(answer: bytes) -> None:
    """To try again would not make it one."""
    with pytest.raises(Unreachable, match="no Moothall server"):
        await walk(Script(answer), entrance())
