"""One of each thing that goes over a wire, strategies for any of them, and changes made of events."""

from __future__ import annotations

import types
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Final, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st

from moothall.engine.events import Event
from moothall.engine.evolve import evolve
from moothall.engine.names import RoomName
from moothall.engine.room import Room
from moothall.engine.words import Kind
from moothall.errors import BadFrame, Reason
from moothall.wire.change import Change
from moothall.wire.frames import (
    Frame,
    GrantFrame,
    JoinFrame,
    LeaveFrame,
    NextFrame,
    PassFrame,
    PingFrame,
    PongFrame,
    RequestFrame,
    ReturnFrame,
    RevokeFrame,
    SayFrame,
    SetFrame,
    TopicFrame,
    WhoFrame,
    WithdrawFrame,
)
from moothall.wire.replies import (
    Gap,
    Goodbye,
    Joined,
    Ping,
    Pong,
    Refused,
    Reply,
    Reset,
    Resumed,
    SaidBefore,
    SeatShown,
    Waiting,
    WhoReply,
)
from tests.engine.past import KARI, LARS, NOON, OLA

T = TypeVar("T")

DOCS: Final = Path(__file__).parents[2] / "docs" / "protocol"
MAIN: Final = RoomName("main")

FRAMES: Final[list[tuple[Frame, str]]] = [
    (JoinFrame(), '{"do":"join"}'),
    (JoinFrame(name="Kari", about="eight lines"), '{"do":"join","name":"Kari","about":"eight lines"}'),
    (JoinFrame(room="lab", watch=True, kind=Kind.PERSON), '{"do":"join","room":"lab","kind":"person","watch":true}'),
    (
        JoinFrame(name="Kari", key="k_9f", epoch="e_51", after=0),
        '{"do":"join","name":"Kari","key":"k_9f","epoch":"e_51","after":0}',
    ),
    (SayFrame(text="hi"), '{"do":"say","text":"hi"}'),
    (SayFrame(text="hi", turn=2, cid="c2"), '{"do":"say","text":"hi","turn":2,"cid":"c2"}'),
    (PassFrame(), '{"do":"pass"}'),
    (PassFrame(turn=2), '{"do":"pass","turn":2}'),
    (LeaveFrame(), '{"do":"leave"}'),
    (WhoFrame(), '{"do":"who"}'),
    (RequestFrame(), '{"do":"request"}'),
    (WithdrawFrame(), '{"do":"withdraw"}'),
    (ReturnFrame(), '{"do":"return"}'),
    (GrantFrame(name="Lars"), '{"do":"grant","name":"Lars"}'),
    (RevokeFrame(), '{"do":"revoke"}'),
    (RevokeFrame(name="Lars"), '{"do":"revoke","name":"Lars"}'),
    (TopicFrame(topic="play chess"), '{"do":"topic","topic":"play chess"}'),
    (NextFrame(), '{"do":"next"}'),
    (SetFrame(), '{"do":"set"}'),
    (SetFrame(policy="no such", rounds=-1, on_missed=""), '{"do":"set","policy":"no such","rounds":-1,"on_missed":""}'),
    (
        SetFrame(until="phrase=agreed", turn_seconds=20, seat_seconds={"Lars": 0.5}, missed_turns=2),
        '{"do":"set","until":"phrase=agreed","turn_seconds":20,"seat_seconds":{"Lars":0.5},"missed_turns":2}',
    ),
    (PingFrame(), '{"do":"ping"}'),
    (PongFrame(), '{"do":"pong"}'),
]

REPLIES: Final[list[tuple[Reply, str]]] = [
    (
        Joined(room=MAIN, name=KARI, seat=2, key="k_9f", epoch="e_51", after=40, seq=43, version=1),
        '{"reply":"joined","room":"main","name":"Kari","seat":2,"key":"k_9f","epoch":"e_51","after":40,"seq":43,'
        '"version":1}',
    ),
    (
        Joined(room=MAIN, epoch="e_51", after=0, seq=43, version=1),
        '{"reply":"joined","room":"main","epoch":"e_51","after":0,"seq":43,"version":1}',
    ),
    (
        Resumed(room=MAIN, name=KARI, seat=2, epoch="e_51", after=51, seq=54, holder=OLA, turn=3, left_ms=21400),
        '{"reply":"resumed","room":"main","name":"Kari","seat":2,"epoch":"e_51","after":51,"seq":54,"holder":"Ola",'
        '"turn":3,"left_ms":21400}',
    ),
    (
        Resumed(room=MAIN, epoch="e_51", after=51, seq=54),
        '{"reply":"resumed","room":"main","epoch":"e_51","after":51,"seq":54}',
    ),
    (
        Gap(room=MAIN, name=KARI, seat=2, epoch="e_51", after=51, first=90, seq=120),
        '{"reply":"gap","room":"main","name":"Kari","seat":2,"epoch":"e_51","after":51,"first":90,"seq":120}',
    ),
    (
        Reset(room=MAIN, name=KARI, seat=2, epoch="e_52", after=12, seq=17),
        '{"reply":"reset","room":"main","name":"Kari","seat":2,"epoch":"e_52","after":12,"seq":17}',
    ),
    (Waiting(room=RoomName("lab"), place=2), '{"reply":"waiting","room":"lab","place":2}'),
    (SaidBefore(cid="c2", seq=51), '{"reply":"said","cid":"c2","seq":51}'),
    (
        Refused(do="say", reason=Reason.TURN_OVER, cid="c3", text="Over."),
        '{"reply":"refused","do":"say","reason":"turn_over","cid":"c3","text":"Over."}',
    ),
    (Refused(reason=Reason.MALFORMED, text="No."), '{"reply":"refused","reason":"malformed","text":"No."}'),
    (
        WhoReply(
            room=MAIN,
            phase="talking",
            seats=4,
            seated=[
                SeatShown(name=LARS, seat=1, kind=Kind.BOT),
                SeatShown(name=KARI, seat=2, kind=Kind.PERSON, about="a student", away=True),
            ],
            watching=0,
            topic="hug",
            holder=LARS,
        ),
        '{"reply":"who","room":"main","phase":"talking","seats":4,"seated":[{"name":"Lars","seat":1,"kind":"bot"},'
        '{"name":"Kari","seat":2,"kind":"person","about":"a student","away":true}],"watching":0,"topic":"hug",'
        '"holder":"Lars"}',
    ),
    (
        WhoReply(
            room=MAIN,
            phase="talking",
            seats=2,
            seated=[SeatShown(name=LARS, seat=1, kind=Kind.BOT, benched=True)],
            watching=1,
            topic="hug",
            requests=[KARI, OLA],
            chair="Ada",
        ),
        '{"reply":"who","room":"main","phase":"talking","seats":2,"seated":[{"name":"Lars","seat":1,"kind":"bot",'
        '"benched":true}],"watching":1,"topic":"hug","requests":["Kari","Ola"],"chair":"Ada"}',
    ),
    (
        WhoReply(room=MAIN, phase="gathering", seats=4, seated=[], watching=0),
        '{"reply":"who","room":"main","phase":"gathering","seats":4,"seated":[],"watching":0}',
    ),
    (Pong(), '{"reply":"pong"}'),
    (Ping(), '{"reply":"ping"}'),
    (Goodbye(reason=Reason.SLOW, text="Slow."), '{"reply":"goodbye","reason":"slow","text":"Slow."}'),
]


def a_change(before: Room, event: Event, at: int = NOON, body: bytes = b"") -> Change:
    """Return the change that an event makes of a room."""
    return Change(event, before, evolve(before, event, at), body)


def attempt(decode: Callable[[bytes], T], line: bytes) -> T | Reason:
    """Return what is read of a line, or why it is no frame; any other error is a bug."""
    try:
        return decode(line)
    except BadFrame as error:
        return error.reason


def tags(union: object) -> set[str]:
    """Return the tag of each member of a union."""
    return {str(kind.__struct_config__.tag) for kind in get_args(union)}


def any_of(union: object) -> st.SearchStrategy[Any]:
    """Return any value of any member of a union, or of one type, that its fields allow."""
    return st.one_of([_strategy(kind) for kind in get_args(union) or (union,)])


_PLAIN: Final[dict[object, st.SearchStrategy[object]]] = {
    bool: st.booleans(),
    int: st.integers(0, 2**63 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: st.text(max_size=20),
    type(None): st.none(),
}


def _strategy(kind: Any) -> st.SearchStrategy[Any]:
    if kind in _PLAIN:
        return _PLAIN[kind]
    if isinstance(kind, NewType):
        return _strategy(kind.__supertype__)
    if get_origin(kind) is Annotated:
        longest = next((meta.max_length for meta in kind.__metadata__ if meta.max_length), None)
        return st.text(min_size=1, max_size=longest) if longest else _strategy(kind.__origin__)
    if get_origin(kind) in {Union, types.UnionType}:
        return st.one_of([_strategy(part) for part in get_args(kind)])
    if get_origin(kind) in {tuple, list}:
        return st.lists(_strategy(get_args(kind)[0]), max_size=3).map(get_origin(kind))
    if get_origin(kind) is dict:
        return st.dictionaries(*map(_strategy, get_args(kind)), max_size=3)
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    assert issubclass(kind, msgspec.Struct)
    hints = get_type_hints(kind, include_extras=True)
    fields = {field: _strategy(hints[field]) for field in kind.__struct_fields__}
    return st.fixed_dictionaries(fields).map(lambda values: kind(**values))
