"""A policy is a function from the room to the seats that get the floor now: who had it, after every kind of past."""

from __future__ import annotations

from typing import Final

import pytest
from msgspec.structs import replace

from moothall.engine.commands import (
    CallTime,
    ComeBack,
    Command,
    GoAway,
    Grant,
    HostSay,
    Join,
    Leave,
    NameChair,
    Next,
    OpenRoom,
    Pass,
    Pause,
    QueueTopic,
    Remove,
    RequestFloor,
    Return,
    Revoke,
    Say,
    SetRules,
    Unpause,
    Withdraw,
)
from moothall.engine.deadlines import next_deadline
from moothall.engine.decide import decide
from moothall.engine.events import Event, FloorGranted, RoundOpened, SittingClosed, TopicClosed, TopicOpened
from moothall.engine.evolve import empty_room
from moothall.engine.names import Name, RoomName
from moothall.engine.policies import (
    ONE_AT_A_TIME,
    Policy,
    addressed_in,
    is_candidate,
    may_grant,
    next_seats,
    round_order,
    stand_in,
    still_to_come,
)
from moothall.engine.room import Room
from moothall.engine.rules import Rules
from moothall.engine.words import OnMissed, PolicyName, TopicEnd
from tests.engine.past import HUG, IDA, KARI, LARS, NINA, NOON, OLA, SECOND, gathering, play, take, talking

TWO_ROUNDS: Final = replace(HUG, until="rounds=2", missed_turns=1)
HOLDER: Final = Name("?")
SAY: Final = Say(HOLDER, "hi")
"""Whoever has the floor, the first of several, says something."""
MISS: Final = CallTime()
"""The next deadline comes."""


def told(events: list[Event]) -> list[str]:
    """Return who was granted the floor, with `/` where a round begins and `//` where a topic does."""
    words: list[str] = []
    for event in events:
        match event:
            case FloorGranted(name):
                words.append(name)
            case RoundOpened(number) if number > 1:
                words.append("/")
            case TopicOpened() if words:
                words.append("//")
            case _:
                pass
    return words


def talk(rules: Rules, *past: Command, custom: Policy | None = None, goes_on: bool = True, seed: str = "seed") -> str:
    """Let Lars, Kari and Ola, who is last, take seats, and play the past.

    Args:
        goes_on: then everybody who gets the floor says something until the talk is over.

    Returns:
        Who was granted the floor, in order.
    """
    room = empty_room(RoomName("main"))
    events: list[Event] = []

    def add(command: Command) -> None:
        nonlocal room
        at = room.at
        if isinstance(command, Say) and command.name == HOLDER:
            command = replace(command, name=room.holder)
        if isinstance(command, CallTime):
            at = next_deadline(room) or at
        follows = decide(room, command, at, custom)
        room = take(room, follows, at=at)
        events.extend(follows)

    for command in (
        OpenRoom(replace(rules, seats=3), seed),
        *(Join(name, keyed=True) for name in (LARS, KARI, OLA)),
        *past,
    ):
        add(command)
    while goes_on and room.turns:
        add(SAY)
    return " ".join(told(events))


# Those that go round. Lars, Kari and Ola talk for two rounds; who has the floor next is Kari.

ROUND = "Lars Kari Ola / Lars Kari Ola"
PASTS: Final[dict[str, tuple[tuple[Command, ...], str, str, str]]] = {
    # What happened: the commands; who had the floor by round-robin, by rotate, in parallel.
    "nothing": ((), ROUND, "Lars Kari Ola / Kari Ola Lars", ROUND),
    "the holder passed": ((Pass(LARS),), ROUND, "Lars Kari Ola / Kari Ola Lars", ROUND),
    "everybody passed": (
        (Pass(LARS), Pass(KARI), Pass(OLA)),
        ROUND,
        "Lars Kari Ola / Kari Ola Lars",
        ROUND,
    ),
    "the next left": ((Leave(KARI),), "Lars Ola / Lars Ola", "Lars Ola / Ola Lars", "Lars Kari Ola / Lars Ola"),
    "the next was removed": ((Remove(KARI),), "Lars Ola / Lars Ola", "Lars Ola / Ola Lars", "Lars Kari Ola / Lars Ola"),
    "the holder left": (
        (Leave(LARS),),
        "Lars Kari Ola / Kari Ola",
        "Lars Kari Ola / Ola Kari",
        "Lars Kari Ola / Kari Ola",
    ),
    "the last left": ((Leave(OLA),), "Lars Kari / Lars Kari", "Lars Kari / Kari Lars", "Lars Kari Ola / Lars Kari"),
    "one who was done left": (
        (SAY, Leave(LARS)),
        "Lars Kari Ola / Kari Ola",
        "Lars Kari Ola / Ola Kari",
        "Lars Kari Ola / Kari Ola",
    ),
    "the next gave the seat to another": (
        (Leave(KARI), Join(IDA)),
        "Lars Ola / Lars Ola Ida",
        "Lars Ola / Ola Ida Lars",
        "Lars Kari Ola / Lars Ola Ida",
    ),
    "the next left and came again": (
        (Leave(KARI), Join(KARI)),
        "Lars Ola / Lars Ola Kari",
        "Lars Ola / Ola Kari Lars",
        "Lars Kari Ola / Lars Ola Kari",
    ),
    "one who was done left and came again": (
        (SAY, Leave(LARS), Join(LARS)),
        "Lars Kari Ola / Kari Ola Lars",
        "Lars Kari Ola / Ola Lars Kari",
        "Lars Kari Ola / Kari Ola Lars",
    ),
    "the next is away": ((GoAway(KARI),), ROUND, "Lars Kari Ola / Kari Ola Lars", ROUND),
    "the holder is away": ((GoAway(LARS),), ROUND, "Lars Kari Ola / Kari Ola Lars", ROUND),
    "the next was away": ((GoAway(KARI), SAY, ComeBack(KARI)), ROUND, "Lars Kari Ola / Kari Ola Lars", ROUND),
    "the next was away for too long": (
        (GoAway(KARI), SAY, MISS),
        "Lars Kari Ola / Lars Ola",
        "Lars Kari Ola / Ola Lars",
        "Lars Kari Ola / Lars Ola",
    ),
    "a missed turn led to the bench": (
        (MISS,),
        "Lars Kari Ola / Kari Ola",
        "Lars Kari Ola / Ola Kari",
        "Lars Kari Ola",
    ),
    "somebody returned from the bench at once": (
        (MISS, Return(LARS)),
        ROUND,
        "Lars Kari Ola / Kari Ola Lars",
        "",
    ),
    "somebody returned from the bench too late for the round": (
        (MISS, SAY, SAY, Return(LARS)),
        "Lars Kari Ola / Kari Ola",
        "Lars Kari Ola / Ola Kari",
        "",
    ),
    "a turn was revoked": ((Revoke(),), ROUND, "Lars Kari Ola / Kari Ola Lars", ROUND),
    "there was a pause": ((Pause(), Unpause()), ROUND, "Lars Kari Ola / Kari Ola Lars", ROUND),
    "the holder left in a pause": (
        (Pause(), Leave(LARS), Unpause()),
        "Lars Kari Ola / Kari Ola",
        "Lars Kari Ola / Ola Kari",
        "Lars Kari Ola / Kari Ola",
    ),
    "there were two topics": (
        (QueueTopic("eat"),),
        f"{ROUND} // {ROUND}",
        "Lars Kari Ola / Kari Ola Lars // Ola Lars Kari / Lars Kari Ola",
        f"{ROUND} // {ROUND}",
    ),
    "the topic was closed in the middle": (
        (QueueTopic("eat"), SAY, Next()),
        f"Lars Kari // {ROUND}",
        "Lars Kari // Kari Ola Lars / Ola Lars Kari",
        f"Lars Kari Ola // {ROUND}",
    ),
}
TABLE: Final = [
    pytest.param(policy, past, granted, id=f"{policy}: {what}")
    for what, (past, by_turns, rotated, at_once) in PASTS.items()
    for policy, granted in (
        (PolicyName.ROUND_ROBIN, by_turns),
        (PolicyName.ADDRESSED, by_turns),
        (PolicyName.CUSTOM, by_turns),
        (PolicyName.ROTATE, rotated),
        (PolicyName.PARALLEL, at_once),
    )
    if granted
]


@pytest.mark.parametrize(("policy", "past", "granted"), TABLE)
def test_who_has_the_floor_after_every_past(policy: PolicyName, past: tuple[Command, ...], granted: str) -> None:
    """One turn a round for everybody who was there when it opened; where nobody is addressed it is round-robin."""
    away_seconds = 1 if MISS in past and GoAway(KARI) in past else 30

    assert talk(replace(TWO_ROUNDS, policy=policy, away_seconds=away_seconds), *past) == granted


def test_the_order_is_that_of_joining() -> None:
    """Not that of the seats' numbers: Ola came last, and got the first seat."""
    room = play(gathering(LARS, KARI), Leave(LARS), Join(OLA))

    assert (round_order(room), room.seats[OLA].number) == ((KARI, OLA), 1)


def test_round_robin_follows_the_order_of_the_round() -> None:
    """As the log has it, whatever the seats say."""
    room = take(gathering(LARS, KARI), [RoundOpened(1, 1, (KARI, LARS))])

    assert next_seats(room) == (KARI,)


@pytest.mark.parametrize("policy", PolicyName)
def test_before_a_talk_nobody_is_granted_the_floor(policy: PolicyName) -> None:
    """Every policy has its function: a name that can be set and not be followed would end a clerk."""
    assert next_seats(replace(gathering(rules=replace(HUG, policy=policy)), seats={})) == ()


@pytest.mark.parametrize("policy", [*sorted(ONE_AT_A_TIME), PolicyName.REQUEST, PolicyName.CHAIR])
def test_one_at_a_time_has_the_floor(policy: PolicyName) -> None:
    """As long as somebody has it, nobody else is granted."""
    room = take(talking(LARS, KARI, OLA, rules=replace(HUG, policy=policy)), [])
    room = play(room, *([RequestFloor(LARS), RequestFloor(KARI)] if policy is PolicyName.REQUEST else []))

    assert (len(room.turns), next_seats(room), stand_in(room)) == (1, (), ())


# rotate, shuffle


@pytest.mark.parametrize(
    ("opened", "order"),
    [(0, (LARS, KARI, OLA)), (1, (KARI, OLA, LARS)), (2, (OLA, LARS, KARI)), (3, (LARS, KARI, OLA))],
)
def test_the_first_seat_moves_on_with_every_round(opened: int, order: tuple[Name, ...]) -> None:
    """It is counted over the sitting's topics: else the same one began each of them."""
    room = gathering(LARS, KARI, OLA, rules=replace(HUG, policy=PolicyName.ROTATE))

    assert round_order(replace(room, rounds_opened=opened)) == order


def test_without_anybody_there_is_no_first_seat() -> None:
    """Nobody is left who could be given the floor."""
    assert round_order(gathering(rules=replace(HUG, policy=PolicyName.ROTATE))) == ()


@pytest.mark.parametrize(
    ("seed", "granted"),
    [
        ("seed", "Ola Lars Kari / Kari Lars Ola // Lars Ola Kari / Lars Ola Kari"),
        ("other", "Kari Lars Ola / Ola Kari Lars // Ola Lars Kari / Lars Kari Ola"),
    ],
)
def test_a_seed_shuffles_every_round_anew_and_always_alike(seed: str, granted: str) -> None:
    """The log of a room has its seed; another talks in another order."""
    rules = replace(TWO_ROUNDS, policy=PolicyName.SHUFFLE)

    assert [talk(rules, QueueTopic("eat"), seed=seed) for _ in range(2)] == [granted] * 2


@pytest.mark.parametrize(
    ("past", "granted"),
    [
        ((Leave(KARI),), "Ola Lars / Ola Lars"),
        ((Leave(OLA),), "Ola Lars Kari / Kari Lars"),
        ((SAY, Leave(OLA)), "Ola Lars Kari / Kari Lars"),
        ((Leave(KARI), Join(IDA)), "Ola Lars / Ola Lars Ida"),
        ((MISS,), "Ola Lars Kari / Kari Lars"),
        ((MISS, Return(OLA)), "Ola Lars Kari / Kari Lars Ola"),
        ((GoAway(LARS), Revoke(), ComeBack(LARS)), "Ola Lars Kari / Kari Lars Ola"),
    ],
)
def test_a_shuffled_round_goes_on_in_its_order(past: tuple[Command, ...], granted: str) -> None:
    """Without who left; the next one is shuffled among those who are there."""
    assert talk(replace(TWO_ROUNDS, policy=PolicyName.SHUFFLE), *past) == granted


def test_each_sitting_shuffles_anew() -> None:
    """The seats of the last one and its order are no reason for this one's."""
    rules = replace(HUG, policy=PolicyName.SHUFFLE)
    room = gathering(LARS, KARI, OLA, NINA, rules=replace(rules, seats=5))

    assert len({round_order(replace(room, sitting=sitting)) for sitting in range(20)}) > 10


# parallel


def test_everybody_has_the_floor_at_once() -> None:
    """Each in a turn of their own; the round waits for the last of them."""
    room = talking(LARS, KARI, OLA, rules=replace(TWO_ROUNDS, policy=PolicyName.PARALLEL))
    waiting = play(room, Say(OLA, "hi"), Say(LARS, "hi"))

    assert ([turn.name for turn in room.turns], [turn.name for turn in waiting.turns], next_seats(waiting)) == (
        [LARS, KARI, OLA],
        [KARI],
        (),
    )


def test_who_joins_late_has_no_turn_among_the_others() -> None:
    """Ida came into an open round."""
    room = talking(LARS, KARI, OLA, rules=replace(TWO_ROUNDS, policy=PolicyName.PARALLEL))

    assert [turn.name for turn in play(room, Leave(KARI), Join(IDA)).turns] == [LARS, OLA]


# request

ASKING: Final = replace(HUG, policy=PolicyName.REQUEST, until="turns=9", missed_turns=1)
ALL_ASK: Final = (RequestFloor(KARI), RequestFloor(OLA), RequestFloor(LARS))


@pytest.mark.parametrize(
    ("past", "granted"),
    [
        ((), ""),
        ((RequestFloor(OLA),), "Ola"),
        (ALL_ASK, "Kari Ola Lars"),
        ((*ALL_ASK, RequestFloor(OLA), RequestFloor(LARS)), "Kari Ola Lars"),
        ((*ALL_ASK, RequestFloor(KARI)), "Kari Ola Lars"),
        ((*ALL_ASK, SAY, RequestFloor(KARI)), "Kari Ola Lars Kari"),
        ((*ALL_ASK, Pass(KARI)), "Kari Ola Lars"),
        ((*ALL_ASK, Revoke()), "Kari Ola Lars"),
        ((*ALL_ASK, Withdraw(OLA)), "Kari Lars"),
        ((*ALL_ASK, Withdraw(KARI)), "Kari Ola Lars"),
        ((Withdraw(OLA), *ALL_ASK), "Kari Ola Lars"),
        ((*ALL_ASK, Withdraw(OLA), RequestFloor(OLA)), "Kari Lars Ola"),
        ((*ALL_ASK, Leave(OLA)), "Kari Lars"),
        ((*ALL_ASK, Remove(OLA)), "Kari Lars"),
        ((*ALL_ASK, Leave(KARI)), "Kari Ola Lars"),
        ((*ALL_ASK, Leave(OLA), Join(IDA), RequestFloor(IDA)), "Kari Lars Ida"),
        ((*ALL_ASK, Leave(OLA), Join(OLA)), "Kari Lars"),
        ((*ALL_ASK, GoAway(OLA)), "Kari Ola Lars"),
        ((*ALL_ASK, GoAway(OLA), ComeBack(OLA)), "Kari Ola Lars"),
        ((*ALL_ASK, MISS), "Kari Ola Lars"),
        ((*ALL_ASK, MISS, RequestFloor(KARI)), "Kari Ola Lars Kari"),
        ((*ALL_ASK, MISS, Return(KARI)), "Kari Ola Lars"),
        ((*ALL_ASK, Pause(), Leave(KARI), Unpause()), "Kari Ola Lars"),
        ((Pause(), *ALL_ASK, Unpause()), "Kari Ola Lars"),
        ((*ALL_ASK, QueueTopic("eat"), Next(), RequestFloor(LARS)), "Kari // Lars"),
    ],
)
def test_who_has_asked_first_has_the_floor_first(past: tuple[Command, ...], granted: str) -> None:
    """As often as they ask; to ask again, or with the floor, changes nothing."""
    assert talk(ASKING, *past) == granted


# addressed


@pytest.mark.parametrize(
    ("past", "granted"),
    [
        ((Say(LARS, "@Ola?"),), "Lars Ola Kari / Lars Kari Ola"),
        ((Say(LARS, "@ola and @Kari?"),), "Lars Ola Kari / Lars Kari Ola"),
        ((Say(LARS, "@all @ @Nobody, @OLA?"),), "Lars Ola Kari / Lars Kari Ola"),
        ((Say(LARS, "@Lars says so"),), "Lars Kari Ola / Lars Kari Ola"),
        ((Say(LARS, "@Ola?"), Say(OLA, "@Lars!")), "Lars Ola Kari / Lars Kari Ola"),
        ((Say(LARS, "@Ola?"), Pass(OLA)), "Lars Ola Kari / Lars Kari Ola"),
        ((Say(LARS, "@Ola?"), Revoke()), "Lars Ola Kari / Lars Kari Ola"),
        ((Say(LARS, "@Ola?"), MISS), "Lars Ola Kari / Lars Kari"),
        ((Say(LARS, "@Ola?"), Leave(OLA)), "Lars Ola Kari / Lars Kari"),
        ((Say(LARS, "hi"), Say(KARI, "hi"), Say(OLA, "@Kari?")), "Lars Kari Ola / Kari Lars Ola"),
        ((Say(LARS, "hi"), Say(KARI, "hi"), Say(OLA, "@Ola?")), "Lars Kari Ola / Ola Lars Kari"),
        ((Say(LARS, "hi"), Say(KARI, "@Lars?"), Pass(OLA)), "Lars Kari Ola / Lars Kari Ola"),
        ((Say(LARS, "hi"), Say(KARI, "@Ola?"), Pass(OLA)), "Lars Kari Ola / Ola Lars Kari"),
        ((Leave(KARI), Join(IDA), Say(LARS, "@Ida?")), "Lars Ola / Lars Ola Ida"),
        ((Leave(OLA), Say(LARS, "@Ola?")), "Lars Kari / Lars Kari"),
        ((HostSay("@Ola?"), Say(LARS, "hi")), "Lars Kari Ola / Lars Kari Ola"),
        ((QueueTopic("eat"), Say(LARS, "@Ola?"), Next()), f"Lars Ola // {ROUND}"),
        ((QueueTopic("eat"), Say(LARS, "hi"), Say(KARI, "@Ola"), Next()), f"Lars Kari Ola // {ROUND}"),
    ],
)
def test_whom_the_last_utterance_addresses_is_next(past: tuple[Command, ...], granted: str) -> None:
    """Where a turn of theirs is still to come in the round; else the next in order. A topic begins unaddressed."""
    assert talk(replace(TWO_ROUNDS, policy=PolicyName.ADDRESSED), *past) == granted


KARI_NORDMANN: Final = Name("Kari Nordmann")
KARI_ANN: Final = Name("Kari-Ann")
STRASSE: Final = Name("Straße")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("@Kari", KARI),
        ("@kARI, well?", KARI),
        ("well, (@Kari)", KARI),
        ("@Kari Nordmann?", KARI_NORDMANN),
        ("@KARI NORDMANN", KARI_NORDMANN),
        ("@Kari  Nordmann", KARI),
        ("@Kari Nordmannsen", KARI),
        ("@Kari-Ann", KARI_ANN),
        ("@Kari-Anna", KARI),
        ("@Karianne", None),
        ("@Kari2", None),
        ("@Karia, well?", None),
        ("write to ola@kari.example", None),
        ("2@Kari", None),
        ("ola@kari.example @Lars", LARS),
        ("-@Kari", KARI),
        ("@@Kari", KARI),
        ("@ Kari", None),
        ("Kari", None),
        ("@", None),
        ("", None),
        ("@Nobody and @Lars and @Kari", LARS),
        ("@STRASSE", STRASSE),
        ("ßß @straße", STRASSE),
    ],
)
def test_a_name_is_addressed_by_the_sign_before_it(text: str, name: Name | None) -> None:
    """In any case, as a whole; of those that fit the longest; an address of e-mail addresses nobody."""
    names = (LARS, KARI, KARI_NORDMANN, KARI_ANN, STRASSE)

    assert (addressed_in(text, names), addressed_in(text, names[::-1])) == (name, name)


# chair

CHAIRED: Final = replace(HUG, policy=PolicyName.CHAIR, chair="Lars", until="turns=4", missed_turns=1)


@pytest.mark.parametrize(
    ("past", "granted"),
    [
        ((), ""),
        ((Grant("Ola"),), "Ola"),
        ((Grant("Ola"), SAY, Grant("Ola"), SAY, Grant("Lars")), "Ola Ola Lars"),
        ((RequestFloor(KARI),), ""),
        ((RequestFloor(KARI), Grant("Ola")), "Ola"),
        ((Grant("Ola"), Revoke(), Grant("Kari")), "Ola Kari"),
        ((Grant("Ola"), Leave(OLA)), "Ola"),
        ((Grant("Ola"), MISS), "Ola"),
        ((GoAway(KARI), Grant("Kari")), "Kari"),
        ((GoAway(LARS),), "Kari Ola Kari Ola"),
        ((GoAway(LARS), SAY, ComeBack(LARS), SAY), "Kari Ola"),
        ((GoAway(LARS), ComeBack(LARS), SAY, Grant("Kari")), "Kari Kari"),
        ((Grant("Kari"), SAY, GoAway(LARS)), "Kari Ola Kari Ola"),
        ((Leave(LARS),), "Kari Ola Kari Ola"),
        ((Leave(LARS), Join(IDA)), "Kari Ola Ida Kari"),
        ((Leave(LARS), Join(LARS), SAY), "Kari"),
        ((NameChair(None),), "Lars Kari Ola Lars"),
        ((NameChair("Ida"),), "Lars Kari Ola Lars"),
        ((NameChair("Ida"), Leave(KARI), Join(IDA)), "Lars"),
        ((NameChair("ola"),), ""),
        ((NameChair("Ola"), GoAway(OLA)), "Lars Kari Lars Kari"),
        ((MISS,), "Kari"),
        ((MISS, SAY, MISS), "Kari Ola"),
        ((MISS, MISS, MISS), "Kari Ola"),
        ((Leave(KARI), Leave(OLA), MISS), "Lars"),
        ((Leave(KARI), Leave(OLA)), ""),
        ((QueueTopic("eat"), GoAway(LARS), SAY, Next()), "Kari Ola // Kari Ola Kari Ola"),
    ],
)
def test_the_chair_gives_the_floor_or_is_stood_in_for(past: tuple[Command, ...], granted: str) -> None:
    """While it is away, or has been silent for as long as a turn: then who has had the fewest turns is next."""
    assert talk(CHAIRED, *past) == granted


def test_a_chair_that_no_clock_runs_for_is_waited_for_for_ever() -> None:
    """That is what no deadline means."""
    room = talking(LARS, KARI, OLA, rules=replace(CHAIRED, turn_seconds=0))

    assert (next_deadline(room), decide(room, CallTime(), NOON * 2)) == (None, [])


def test_who_is_on_the_bench_stands_in_for_nobody() -> None:
    """Nor do they have to be there for the chair to be stood in for."""
    rules = replace(CHAIRED, on_missed=OnMissed.BENCH)

    assert talk(rules, Grant("Kari"), MISS, GoAway(LARS)) == "Kari Ola Ola Ola"


def test_a_chair_on_the_bench_still_gives_the_floor() -> None:
    """Only its own turns are gone."""
    assert talk(CHAIRED, Grant("Lars"), MISS, Grant("Kari", by=LARS), SAY, Grant("Ola", by=LARS)) == "Lars Kari Ola"


def test_the_turns_of_this_topic_count_and_whoever_came_first_goes_first() -> None:
    """Ola has had one, Kari and Nina none."""
    room = play(talking(LARS, OLA, KARI, NINA, rules=CHAIRED), Grant("Ola"), Say(OLA, "hi"))

    assert (stand_in(room), stand_in(play(room, NameChair("Kari")))) == ((KARI,), (LARS,))


# open


def test_the_open_floor_is_granted_to_nobody() -> None:
    """Nobody needs it; it knows no rounds either."""
    rules = replace(HUG, policy=PolicyName.OPEN, until="utterances=9")

    assert talk(rules, Say(LARS, "hi"), Say(LARS, "so"), Leave(KARI), Join(IDA), Say(IDA, "hi")) == ""


# custom

CUSTOM: Final = replace(TWO_ROUNDS, policy=PolicyName.CUSTOM)


def backwards(room: Room) -> tuple[Name, ...]:
    """Grant the last of those whose turn is still to come."""
    return () if room.turns else still_to_come(room)[-1:]


def in_twos(room: Room) -> tuple[Name, ...]:
    """Grant as many as it takes for two to have the floor."""
    return still_to_come(room)[: 2 - len(room.turns)]


def only_ola(room: Room) -> tuple[Name, ...]:
    """Grant nobody else, and so one turn a round."""
    return tuple(name for name in still_to_come(room) if name == OLA)


@pytest.mark.parametrize(
    ("policy", "granted"),
    [
        (backwards, "Ola Kari Lars / Ola Kari Lars"),
        (in_twos, "Lars Kari Ola / Lars Kari Ola"),
        (only_ola, "Ola / Ola"),
        (None, ROUND),
        (lambda room: None, ROUND),
        (lambda room: (), "Lars / Lars"),
        (lambda room: (IDA,), ROUND),
        (lambda room: (OLA, IDA), ROUND),
        (lambda room: (LARS,), ROUND),
        (lambda room: (Name("lars"),), ROUND),
        (lambda room: backwards(room) if room.rounds_closed else None, "Lars Kari Ola / Ola Kari Lars"),
        (lambda room: None if room.rounds_closed else backwards(room), "Ola Kari Lars / Lars Kari Ola"),
    ],
    ids=["backwards", "in twos", "one", "none", "None", "()", "stranger", "half", "done", "case", "second", "first"],
)
def test_ones_own_policy_decides_unless_it_cannot_be_followed(policy: Policy | None, granted: str) -> None:
    """Names who has no seat, or no turn to come; says None; grants nobody in a whole round: then it is round-robin."""
    assert talk(CUSTOM, custom=policy) == granted


def test_ones_own_policy_may_grant_several_at_once() -> None:
    """Both have the floor; the third has it when both are done."""
    room = talking(LARS, KARI, OLA, rules=CUSTOM)
    room = replace(room, turns=(), round=room.round and replace(room.round, done=frozenset()))
    events = decide(room, HostSay("Well?"), NOON, in_twos)

    assert told(events) == ["Lars", "Kari"]


def test_all_that_ones_own_policy_names_are_granted_before_it_is_asked_again() -> None:
    """One that waits while somebody has the floor would else never grant a second."""
    room = talking(LARS, KARI, OLA, rules=CUSTOM)
    events = decide(room, Say(LARS, "hi"), NOON, lambda room: () if room.turns else (OLA, KARI))

    assert [(event.name, event.turn) for event in events if isinstance(event, FloorGranted)] == [(OLA, 2), (KARI, 3)]


def test_ones_own_policy_may_close_a_round_early() -> None:
    """Once somebody has had a turn in it."""
    room = talking(LARS, KARI, OLA, rules=CUSTOM)
    events = decide(room, Say(LARS, "hi"), NOON, lambda room: () if room.rounds_closed == 0 else None)

    assert told(events) == ["/", "Lars"]


def test_while_somebody_has_the_floor_ones_own_policy_may_wait() -> None:
    """Granting nobody is no mistake then."""
    assert next_seats(talking(LARS, KARI, rules=CUSTOM), lambda room: ()) == ()


def test_what_ones_own_policy_raises_is_not_caught_here() -> None:
    """Who calls it says so, once, and goes on with round-robin."""
    with pytest.raises(ZeroDivisionError):
        next_seats(talking(LARS, rules=CUSTOM), lambda room: (LARS,) * (1 // 0))


def test_only_a_turn_that_is_still_to_come_can_be_granted() -> None:
    """Nobody is a stranger to nobody; all of the names must do, and each once."""
    room = play(talking(LARS, KARI, OLA, NINA), Say(LARS, "hi"), Leave(OLA), Join(IDA))

    assert [may_grant(room, names) for names in ([], [NINA], [NINA, NINA], [NINA, LARS], [KARI], [OLA], [IDA])] == [
        True,
        True,
        False,
        False,
        False,
        False,
        False,
    ]


# Who can be given the floor at all.


def test_a_seat_off_the_bench_with_characters_left_can_be_given_the_floor() -> None:
    """Whoever else is none: a stranger, one on the bench, one who has said enough."""
    rules = replace(HUG, until="seat_characters=2", missed_turns=1)
    room = play(talking(LARS, KARI, OLA, NINA, rules=rules), Say(LARS, "hi"), Say(KARI, "h"))
    room = play(room, CallTime(), at=NOON + 30 * SECOND)

    assert [is_candidate(room, name) for name in (LARS, KARI, OLA, NINA, IDA)] == [False, True, False, True, False]


def test_outside_a_round_no_turn_is_still_to_come() -> None:
    """Within one, those of its order who are not done, and can be given the floor."""
    room = play(talking(LARS, KARI, OLA, NINA), Say(LARS, "hi"), Leave(OLA), Join(IDA))

    assert (still_to_come(gathering(LARS)), still_to_come(room)) == ((), (NINA,))


@pytest.mark.parametrize("policy", [PolicyName.ADDRESSED, PolicyName.CUSTOM])
def test_where_the_next_depends_on_what_is_said_no_order_is_known(policy: PolicyName) -> None:
    """Nobody is told a place that may not be theirs."""
    assert round_order(gathering(LARS, KARI, rules=replace(HUG, policy=policy))) is None


@pytest.mark.parametrize("policy", [PolicyName.ROUND_ROBIN, PolicyName.ROTATE, PolicyName.SHUFFLE, PolicyName.PARALLEL])
def test_who_gets_no_turn_is_in_no_order(policy: PolicyName) -> None:
    """The bench waits for another round."""
    room = talking(LARS, KARI, OLA, rules=replace(TWO_ROUNDS, policy=policy))
    benched = replace(room, seats={**room.seats, KARI: replace(room.seats[KARI], is_benched=True)})

    assert sorted(round_order(benched) or ()) == [LARS, OLA]


def test_another_policy_goes_on_with_the_next_topic() -> None:
    """And the round of the open one is not disturbed."""
    assert talk(TWO_ROUNDS, SetRules(policy="rotate"), QueueTopic("eat")) == (
        f"{ROUND} // Ola Lars Kari / Lars Kari Ola"
    )


def test_the_last_round_is_followed_by_the_goodbye() -> None:
    """Under whatever policy goes round."""
    room = talking(LARS, rules=replace(CUSTOM, until="rounds=1"))

    assert [type(event) for event in decide(room, Say(LARS, "hi"), NOON)[2:]] == [TopicClosed, SittingClosed]
    assert TopicEnd.ROUNDS in [getattr(event, "reason", None) for event in decide(room, Say(LARS, "hi"), NOON)]
