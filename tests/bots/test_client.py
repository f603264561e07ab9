"""A client waits, comes back and goes on: every event once and in order, every utterance once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from moothall.bots.client import Client
from moothall.engine.commands import CloseSitting, Pause, QueueTopic, Remove, Unpause
from moothall.engine.events import (
    Benched,
    CameBack,
    Event,
    FloorGranted,
    FloorRequested,
    FloorRevoked,
    FloorWithdrawn,
    Left,
    Passed,
    Paused,
    Removed,
    Reopened,
    Returned,
    RulesSet,
    Said,
    Seated,
    SittingClosed,
    SittingOpened,
    TopicClosed,
    TopicOpened,
    WentAway,
)
from moothall.engine.names import Name, RoomName
from moothall.engine.words import Kind, LeaveReason, PolicyName, TopicEnd
from moothall.errors import Reason, Rejected, Unreachable
from moothall.wire.frames import JoinFrame, LeaveFrame, PassFrame, PongFrame, SayFrame
from moothall.wire.json_lines import decode_frame, encode_event, encode_line
from moothall.wire.replies import Goodbye, Joined, Ping, Refused, SaidBefore, WhoReply
from moothall.wiring import RunningServer
from tests.bots.servers import HERE, NET_SECONDS, Proxy, a_foreign_server, a_server, free_port, serve

MAIN = RoomName("main")
KARI = Name("Kari")
OLA = Name("Ola")
SEEN: list[str] = []


async def until(client: Client, *kinds: type[Event]) -> Event:
    """Read on to the next event of one of these kinds."""
    async for event, _ in client:
        if isinstance(event, kinds):
            return event
    raise AssertionError(f"none of {kinds} came")


async def rest(client: Client) -> list[Event]:
    return [event async for event, _ in client]


@asynccontextmanager
async def kari_and_ola(
    port: int, ola_port: int | None = None, **options: object
) -> AsyncIterator[tuple[Client, Client]]:
    async with (
        Client(HERE, port, name="Kari", **options) as kari,  # type: ignore[arg-type]
        Client(HERE, ola_port or port, name="Ola") as ola,
    ):
        yield kari, ola


async def whole_log(port: int) -> list[tuple[Event, int]]:
    async with Client(HERE, port, watch=True, after=0) as reader:
        events: list[tuple[Event, int]] = []
        async for event, stamp in reader:
            events.append((event, stamp.seq))
            if reader.is_caught_up:
                break
        return events


def operator(server: RunningServer, *commands: object) -> None:
    for command in commands:
        server.hall.command(MAIN, command)  # type: ignore[arg-type]


async def test_two_hold_a_sitting_and_read_the_same() -> None:
    """From the opening of the sitting to its close, whoever came first."""
    async with a_server() as server, kari_and_ola(server.port, about="eight lines") as (kari, ola):
        await until(kari, FloorGranted)
        assert (kari.turn, kari.seat, kari.room.topic and kari.room.topic.topic) == (1, 1, "hug")
        assert await kari.say("Oh yes") == "c1"
        await until(ola, Said)
        await until(ola, FloorGranted)
        await ola.pass_turn()

        assert [type(event) for event in await rest(kari)][:2] == [Said, FloorGranted]
        assert isinstance((await rest(ola))[-1], SittingClosed)
        assert kari.room.seats == {}
        assert kari.change is not None
        assert kari.change.before.has_sitting


async def test_it_waits_for_a_server_that_is_not_up() -> None:
    """The first system's client crashed."""
    port, told = free_port(), asyncio.Event()
    coming = Client(HERE, port, name="Kari", on_notice=lambda _: told.set())
    async with asyncio.timeout(NET_SECONDS):
        entering = asyncio.ensure_future(coming.__aenter__())
        await told.wait()
        server = await serve(port=port, seats=1)

        client = await entering
        await until(client, FloorGranted)
        await client.__aexit__(None, None, None)
        await server.stop(close_sittings=True)


async def test_its_patience_ends_where_it_is_told_to() -> None:
    """A script wants an exit code, not a wait."""
    port = free_port()

    with pytest.raises(Unreachable, match=f"No server at {HERE}, port {port}, yet"):
        await Client(HERE, port, name="Kari", give_up_seconds=0).__aenter__()


async def test_a_line_cut_in_its_turn_costs_nothing() -> None:
    """Same seat, same turn, same deadline; what was said on the way is said once, and read once."""
    told: list[str] = []
    async with a_server() as server, Proxy(server.port) as proxy:
        async with kari_and_ola(proxy.port, server.port, on_notice=told.append) as (kari, ola):
            granted = await until(kari, FloorGranted)
            seat, before = kari.seat, kari.room.turns
            proxy.is_deaf = True
            await kari.say("Oh yes")
            proxy.sever()
            proxy.is_deaf = False
            assert isinstance(await until(kari, CameBack), CameBack)
            assert (kari.seat, kari.room.turns, kari.turn) == (seat, before, 1)
            said = await until(kari, Said)
            await until(ola, Said)
            await ola.pass_turn(2)
            await rest(kari)
            await rest(ola)
        log = await whole_log(server.port)

    assert isinstance(granted, FloorGranted)
    assert said == Said(KARI, 1, "Oh yes", "c1")
    assert [event for event, _ in log if isinstance(event, Said)] == [said]
    assert [seq for _, seq in log] == list(range(1, len(log) + 1))
    assert told == [f"The connection to {HERE}, port {proxy.port}, is lost.", "The connection is back."]


@pytest.mark.parametrize("cuts", [1, 5])
async def test_a_receipt_that_was_lost_does_not_say_the_words_again(cuts: int) -> None:
    """The line is cut after the words went out, as often as it likes: they are sent again, and known by their cid."""
    async with a_server() as server, Proxy(server.port) as proxy:
        async with kari_and_ola(proxy.port, server.port) as (kari, ola):
            await until(kari, FloorGranted)
            await kari.say("Oh yes")
            await until(ola, Said)
            for _ in range(cuts):
                proxy.sever()
                await until(kari, CameBack)
            await ola.pass_turn(2)
            await rest(kari)
        log = [event for event, _ in await whole_log(server.port)]

    assert [event.text for event in log if isinstance(event, Said)] == ["Oh yes"]
    assert sum(isinstance(event, WentAway) for event in log) >= cuts


async def test_a_pass_and_a_leave_survive_a_cut() -> None:
    """Who has passed wants to have passed; who leaves is gone."""
    async with a_server() as server, Proxy(server.port) as proxy:
        async with kari_and_ola(proxy.port, server.port) as (kari, ola):
            await until(kari, FloorGranted)
            proxy.is_deaf = True
            await kari.pass_turn()
            proxy.sever()
            proxy.is_deaf = False
            assert await until(kari, Passed) == Passed(KARI, 1)
            await until(ola, Passed)
            await ola.leave()
            assert await rest(ola) != []
        log = [event for event, _ in await whole_log(server.port)]

    assert Left(OLA, LeaveReason.ASKED) in log


async def test_a_request_survives_a_cut() -> None:
    """It is made once, when it is back and has read that it was not."""
    async with a_server(policy=PolicyName.REQUEST) as server, Proxy(server.port) as proxy:
        async with kari_and_ola(proxy.port, server.port) as (kari, _):
            await until(kari, TopicOpened)
            proxy.is_deaf = True
            await kari.request_floor()
            proxy.sever()
            proxy.is_deaf = False
            assert await until(kari, FloorRequested) == FloorRequested(KARI)
            await until(kari, FloorGranted)
        log = [event for event, _ in await whole_log(server.port)]

    assert sum(isinstance(event, FloorRequested) for event in log) == 1


async def test_a_chair_that_closes_the_topic_closes_one_whatever_becomes_of_its_line() -> None:
    """Cut before the server heard it, and again before the chair has read that it did."""
    async with a_server(chair="Ola") as server, Proxy(server.port) as proxy:
        async with kari_and_ola(server.port, proxy.port) as (kari, ola):
            await until(ola, FloorGranted)
            for topic in ("eat", "yell"):
                operator(server, QueueTopic(topic))
            proxy.is_deaf = True
            await ola.next_topic()
            proxy.sever()
            proxy.is_deaf = False
            await until(ola, CameBack)
            await until(kari, TopicClosed)
            proxy.sever()
            await until(ola, TopicOpened)
            await until(ola, CameBack)
        log = [event for event, _ in await whole_log(server.port)]

    assert [event.reason for event in log if isinstance(event, TopicClosed)][:2] == [
        TopicEnd.CHAIR,
        TopicEnd.NOBODY_LEFT,
    ]


async def test_the_chair_revokes_queues_and_sets_rules_and_others_withdraw_and_return() -> None:
    """Each is seen by everybody as an event."""
    async with (
        a_server(policy=PolicyName.CHAIR, chair="Ola", until="turns=9", turn_seconds=0.2, missed_turns=1) as server,
        kari_and_ola(server.port) as (kari, ola),
    ):
        await until(ola, TopicOpened)
        await kari.request_floor()
        await until(kari, FloorRequested)
        await kari.withdraw()
        await until(ola, FloorWithdrawn)
        await ola.grant("Kari")
        await until(ola, FloorGranted)
        await ola.revoke()
        await until(ola, FloorRevoked)
        await ola.queue_topic("eat")
        await ola.set_rules(policy="rotate", rounds=2)
        assert await until(kari, RulesSet) == RulesSet(policy=PolicyName.ROTATE, rounds=2, until="")
        await until(kari, Benched)
        await kari.come_off_bench()

        assert await until(ola, Returned) == Returned(KARI)
        assert ola.room.queue == ("eat",)


async def restarted(server: RunningServer, data: Path | None = None) -> RunningServer:
    await server.stop(close_sittings=False)
    return await serve(port=server.port, data=data)


async def test_a_restart_of_the_server_goes_on_in_the_same_turn(tmp_path: Path) -> None:
    """It says goodbye, and a sitting that is open is no goodbye for good."""
    async with asyncio.timeout(NET_SECONDS):
        server = await serve(data=tmp_path)
        async with kari_and_ola(server.port) as (kari, ola):
            await until(kari, FloorGranted)
            await kari.say("Oh yes")
            await until(ola, Said)
            server, reopened, _ = await asyncio.gather(
                restarted(server, tmp_path), until(ola, Reopened), until(kari, Reopened)
            )
            assert (ola.turn, isinstance(reopened, Reopened) and reopened.turn) == (2, 2)
            await ola.say("Me too")
            await asyncio.gather(rest(ola), rest(kari))
        log = await whole_log(server.port)
        await server.stop(close_sittings=True)

    assert [event.text for event, _ in log if isinstance(event, Said)] == ["Oh yes", "Me too"]
    assert [seq for _, seq in log] == list(range(1, len(log) + 1))


async def test_a_sitting_that_ended_without_it_is_read_to_its_end() -> None:
    """Its key opens nothing any more; the log still tells how it went."""
    async with (
        a_server() as server,
        Proxy(server.port) as proxy,
        kari_and_ola(proxy.port, server.port) as (kari, ola),
    ):
        await until(kari, FloorGranted)
        proxy.sever()
        await until(ola, WentAway)
        operator(server, CloseSitting())

        assert isinstance((await rest(kari))[-1], SittingClosed)


async def test_a_seat_that_was_held_in_vain_is_said_to_be_gone() -> None:
    """While it was away its seat was given up, and the others went on."""
    async with (
        a_server(away_seconds=0) as server,
        Proxy(server.port) as proxy,
        kari_and_ola(proxy.port, server.port) as (kari, ola),
    ):
        await until(kari, FloorGranted)
        proxy.sever()
        await until(ola, Left)

        with pytest.raises(Rejected, match="key_unknown"):
            await rest(kari)
        assert KARI not in kari.room.seats


async def test_a_server_that_lost_everything_has_no_seat_to_come_back_to() -> None:
    """In the middle of a topic that is told: what was said is gone."""
    async with asyncio.timeout(NET_SECONDS):
        server = await serve(seats=1)
        async with Client(HERE, server.port, name="Kari") as kari:
            await until(kari, FloorGranted)
            reading = asyncio.ensure_future(rest(kari))
            server = await restarted(server)

            with pytest.raises(Rejected, match="key_unknown"):
                await reading
        await server.stop(close_sittings=True)


async def test_before_the_first_topic_a_lost_seat_is_taken_anew() -> None:
    """A bot that was started early is there when it begins, whatever became of the server."""
    async with asyncio.timeout(NET_SECONDS):
        server = await serve()
        async with Client(HERE, server.port, name="Kari") as kari:
            await until(kari, Seated)
            server, _ = await asyncio.gather(restarted(server), until(kari, SittingOpened))

            async with Client(HERE, server.port, name="Ola"):
                await until(kari, FloorGranted)
                assert (kari.turn, kari.seat) == (1, 1)
        await server.stop(close_sittings=True)


async def test_another_connection_with_its_key_ends_it() -> None:
    """Two would come back in turns for ever."""
    async with a_server() as server, Client(HERE, server.port, name="Kari") as kari:
        await until(kari, Seated)
        entrance = kari._entrance  # the key is nobody's business but the server's
        frame = JoinFrame(name="Kari", key=entrance.key, epoch=entrance.epoch, after=0)
        _, writer = await asyncio.open_connection(HERE, server.port)
        writer.write(encode_line(frame))

        with pytest.raises(Rejected, match="taken_over"):
            await rest(kari)
        writer.close()


async def test_who_leaves_the_block_gives_the_seat_up() -> None:
    """It would be held for half a minute otherwise."""
    async with a_server() as server, Client(HERE, server.port, name="Ola") as ola:
        async with Client(HERE, server.port, name="Kari", kind=Kind.PERSON):
            assert isinstance(await until(ola, Seated), Seated)
            await until(ola, FloorGranted)

        assert isinstance(await until(ola, Left), Left)


async def test_a_removed_participant_is_done() -> None:
    """The operator has spoken: it does not come back."""
    async with a_server() as server, kari_and_ola(server.port) as (kari, ola):
        await until(kari, FloorGranted)
        operator(server, Remove(OLA))

        assert isinstance((await rest(ola))[-1], Removed)


async def test_words_in_a_pause_are_said_when_it_is_over() -> None:
    """The turn goes on then, and they were said in it."""
    async with a_server() as server, kari_and_ola(server.port) as (kari, _):
        await until(kari, FloorGranted)
        operator(server, Pause())
        await kari.say("Oh yes")
        await until(kari, Paused)
        await kari.pass_turn(99)  # its refusal shows that the words were refused before it
        refusal: asyncio.Future[Refused] = asyncio.get_running_loop().create_future()
        kari.on_refused = refusal.set_result
        reading = asyncio.ensure_future(until(kari, Said))
        await refusal
        operator(server, Unpause())

        assert await reading == Said(KARI, 1, "Oh yes", "c1")


async def test_a_spectator_reads_and_comes_back_and_goes_when_it_is_over() -> None:
    """It has no seat to lose; after the sitting its connection is closed."""
    is_back = asyncio.Event()

    def notice(words: str) -> None:
        if words.endswith("back."):
            is_back.set()

    async with (
        a_server(seats=1) as server,
        Proxy(server.port) as proxy,
        Client(HERE, proxy.port, watch=True, on_notice=notice) as reader,
        Client(HERE, server.port, name="Kari") as kari,
    ):
        await until(kari, FloorGranted)
        assert isinstance(await until(reader, FloorGranted), FloorGranted)
        assert (reader.seat, reader.turn) == (None, None)
        proxy.sever()
        reading = asyncio.ensure_future(rest(reader))
        await is_back.wait()
        await kari.say("Oh yes")

        assert isinstance((await reading)[-1], SittingClosed)
        assert proxy.visits == 2


async def test_a_spectator_of_an_empty_room_is_done_when_the_server_is() -> None:
    """Nothing goes on there that one could come back to."""
    async with asyncio.timeout(NET_SECONDS):
        server = await serve()
        async with Client(HERE, server.port, watch=True) as reader:
            stopping = asyncio.ensure_future(server.stop(close_sittings=True))

            assert await rest(reader) == []
        await stopping


async def test_a_name_that_is_taken_is_refused_on_entering() -> None:
    """Also where only the case differs."""
    async with a_server() as server, Client(HERE, server.port, name="Kari"):
        with pytest.raises(Rejected, match="name_taken"):
            await Client(HERE, server.port, name="KARI").__aenter__()

        async with Client(HERE, server.port, name="Kari", rename=True, on_notice=SEEN.append) as second:
            assert second.name == "Kari-2"


# What a real server says seldom is said by a script.

JOINED = Joined(room=MAIN, name=KARI, seat=1, key="k", epoch="e", after=0, seq=2, version=1)
OPENED: tuple[Event, ...] = (SittingOpened(1, 1, {}), Seated(KARI, 1, Kind.BOT, keyed=True), FloorGranted(KARI, 1))
OPENING = b"".join(encode_event(event, seq, 1_000) + b"\n" for seq, event in enumerate(OPENED, 1))
SAID = encode_event(Said(KARI, 1, "Oh yes", "c1"), 4, 2_000) + b"\n"


class Line:
    """The server's end of a line: `hears` returns the next frame, `says` sends lines."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def hears(self) -> object:
        return decode_frame((await self._reader.readline()).rstrip(b"\n"))

    def says(self, *lines: bytes) -> None:
        self._writer.write(b"".join(lines))

    async def seats(self) -> None:
        assert isinstance(await self.hears(), JoinFrame)
        self.says(encode_line(JOINED), OPENING)


async def test_words_that_could_not_be_stored_are_said_again() -> None:
    """Nothing said is lost: the disk is full for a while, and the turn's clock stands still."""
    heard: list[object] = []

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(reader, writer)
        await line.seats()
        heard.append(await line.hears())
        line.says(encode_line(Refused(do="say", reason=Reason.STORAGE, cid="c1", text="")))
        heard.append(await line.hears())
        line.says(SAID, encode_line(Goodbye(reason=Reason.SLOW, text="")))
        await reader.readline()

    async with a_foreign_server(answers) as port, Client(HERE, port, name="Kari") as kari:
        await until(kari, FloorGranted)
        await kari.say("Oh yes")
        await until(kari, Said)

    assert heard == [SayFrame(text="Oh yes", turn=1, cid="c1")] * 2


async def test_it_waits_as_long_as_a_server_that_stops_asks_it_to() -> None:
    """By then it is there again; all who were in it do not ask a hundred times before."""
    came_at: list[float] = []

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(reader, writer)
        came_at.append(asyncio.get_running_loop().time())
        if len(came_at) == 1:
            await line.seats()
            line.says(encode_line(Goodbye(reason=Reason.CLOSING, text="", retry_after=1)))
        else:
            await line.hears()
            line.says(encode_line(Refused(do="join", reason=Reason.NOT_ALLOWED, text="")))

    async with a_foreign_server(answers) as port, Client(HERE, port, name="Kari") as kari:
        with pytest.raises(Rejected):
            await until(kari, Said)

    assert came_at[1] - came_at[0] >= 1


async def test_it_answers_the_servers_question_and_outlives_what_it_does_not_know() -> None:
    """A newer server may say more; events that come twice are read once."""
    heard: list[object] = []

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(reader, writer)
        await line.seats()
        line.says(b'{"event":"danced","seq":4,"at":5}\n', OPENING, encode_line(Ping()))
        heard.append(await line.hears())
        line.says(encode_line(SaidBefore(cid="c1", seq=4)), encode_line(Ping()), SAID)
        heard.append(await line.hears())
        heard.append(await line.hears())

    async with a_foreign_server(answers) as port, Client(HERE, port, name="Kari") as kari:
        events = [await anext(kari) for _ in range(4)]

    assert [stamp.seq for _, stamp in events] == [1, 2, 3, 4]
    assert heard == [PongFrame(), PongFrame(), LeaveFrame()]


async def test_who_is_here_is_asked_of_the_server() -> None:
    """Who watches is in no log. Nobody is asked while there is no connection."""
    told: list[WhoReply] = []
    async with (
        a_server() as server,
        kari_and_ola(server.port, on_who=told.append) as (kari, _),
        Client(HERE, server.port, watch=True),
    ):
        assert await kari.who()
        await kari.say("Oh yes")
        await until(kari, Said)
    is_asked = await kari.who()

    assert [(reply.watching, [seat.name for seat in reply.seated]) for reply in told] == [(1, ["Kari", "Ola"])]
    assert not is_asked


async def test_a_refusal_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Who types wants to know; nobody else need listen."""
    refusal = Refused(do="say", reason=Reason.TURN_OVER, cid="c1", text="")

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(reader, writer)
        await line.seats()
        assert await line.hears() == SayFrame(text="a?", turn=1, cid="c1")
        line.says(encode_line(refusal))
        assert await line.hears() == PassFrame(turn=9)
        line.says(encode_line(Refused(do="pass", reason=Reason.TURN_OVER, text="")), SAID)
        await line.hears()

    told: list[Refused] = []
    async with a_foreign_server(answers) as port, Client(HERE, port, name="Kari", on_refused=told.append) as kari:
        await until(kari, FloorGranted)
        await kari.say("a\ud800")
        await kari.pass_turn(9)
        await until(kari, Said)

    assert [refused.do for refused in told] == ["say", "pass"]


async def test_a_leave_that_could_not_be_stored_is_asked_again() -> None:
    """And a line that ends while it leaves is the end, whether or not the server has said so."""
    heard: list[object] = []

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(reader, writer)
        await line.seats()
        heard.append(await line.hears())
        line.says(encode_line(Refused(do="leave", reason=Reason.STORAGE, text="")))
        heard.append(await line.hears())

    async with a_foreign_server(answers) as port, Client(HERE, port, name="Kari") as kari:
        await until(kari, FloorGranted)
        await kari.leave()

        assert await rest(kari) == []

    assert heard == [LeaveFrame(), LeaveFrame()]
