"""One sitting in a hall in memory, with bots such as one fears: silent, late, doubled, gone and back, gone for good.

A seed decides all of it. Time is the hall's fake clock, so that an hour takes a moment.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from random import Random
from typing import Final, NamedTuple

from moothall.engine.commands import Command, Grant, Next, RequestFloor, Return, Revoke, Withdraw
from moothall.engine.evolve import empty_room, evolve
from moothall.engine.names import Name
from moothall.engine.policies import Policy
from moothall.engine.room import Room, Turn
from moothall.engine.rules import Rules
from moothall.engine.words import OnMissed, PolicyName
from moothall.errors import Rejected
from moothall.hall.custom import guarded
from moothall.testing import NOON, MemoryHall, Participant, memory_hall
from moothall.wire.json_lines import JSON_LINES, decode_event
from moothall.wire.text import TEXT
from tests.engine.histories import CUSTOMS, Life

__all__ = ["Outcome", "hold_sitting"]

SECOND: Final = 1_000
LIVELY_MS: Final = 10 * 60 * SECOND
"""So long the bots go on as they like; from then on none of them does anything any more."""
PATIENCE_MS: Final = 48 * 3600 * SECOND
"""Longer than any sitting that must end by itself, though nobody does anything: one that goes on then is stuck."""
UNTILS: Final = ("", "", "", "turns=40", "seconds=120", "utterances=20", "seat_characters=30", "settled", "operator")


class Outcome(NamedTuple):
    """What became of a sitting: whether it ended, and whether the operator had to ask; its life as the log tells it."""

    rules: Rules
    is_over: bool
    is_ended_by_operator: bool
    ends_by_itself: bool
    life: Life
    are_readers_agreed: bool


def hold_sitting(seed: int) -> Outcome:
    """Hold a sitting to its end."""
    return _Sitting(seed).hold()


class _Sitting:
    """A hall, its one room, and everybody who was ever in it."""

    def __init__(self, seed: int) -> None:
        self.die = Random(seed)
        self.rules = _rules(self.die, [*PolicyName][seed % len(PolicyName)])
        self.hall = memory_hall(self.rules, custom=_custom(self.rules))
        self.latest: dict[str, Participant] = {}
        self.crowd: list[Participant] = []
        self.planned = 0

    def hold(self) -> Outcome:
        self.open()
        # The operator waits for no talk that may go on for ever.
        end = NOON + (PATIENCE_MS if _ends_by_itself(self.rules) else 2 * LIVELY_MS)
        while self.room.has_sitting and self.hall.clock.now() < end:
            for turn in self.room.turns:
                self.plan(turn)
            moment = self.hall.clock.next_moment
            if moment is None:
                break
            self.hall.advance(max(moment - self.hall.clock.now(), 0))
        by_operator = self.room.has_sitting
        if by_operator:
            self.hall.operate(Next())
            self.hall.settle()
        return Outcome(
            self.rules,
            not self.room.has_sitting,
            by_operator,
            _ends_by_itself(self.rules),
            _life(self.hall),
            all(_has_read_the_log(self.hall, who) for who in self.crowd),
        )

    def open(self) -> None:
        for number in range(self.rules.seats):
            self.enter(f"Bot {number}")
            self.hall.settle()
        assert self.room.topic is not None
        for number in range(self.rules.seats):
            self.later(self.die.randint(0, 60 * SECOND), partial(self.wander, f"Bot {number}"))
        if self.rules.chair:
            self.later(0, self.chair)

    # What bots do with the floor.

    def plan(self, turn: Turn) -> None:
        """Decide once for a turn what its holder makes of it."""
        if turn.number <= self.planned or not self.is_lively:
            return
        self.planned = turn.number
        length = (turn.deadline or self.hall.clock.now() + 5 * SECOND) - self.hall.clock.now()
        soon = self.die.randint(0, length - 1)
        words, name = "@bot 1 hi" if self.die.random() < 0.3 else "hello", turn.name
        match self.die.choice(("prompt", "prompt", "prompt", "pass", "silent", "late", "edge", "doubled", "gone")):
            case "prompt":
                self.later(soon, lambda: self.say(name, words))
            case "pass":
                self.later(soon, lambda: self.pass_turn(name))
            case "late":
                self.later(length + self.die.randint(0, 2 * SECOND), lambda: self.say(name, words, turn.number))
            case "edge":
                self.later(length + self.die.randint(-1, 1), lambda: self.say(name, words, turn.number))
            case "doubled":
                cids = self.die.choice((("c1", "c1"), ("c1", "c2")))
                for cid in cids:
                    self.later(soon, partial(self.say, name, words, None, f"{cid}/{turn.number}"))
            case "gone":
                self.later(soon, lambda: self.hang_up(name))
            case _:
                pass

    def say(self, name: str, words: str, turn: int | None = None, cid: str | None = None) -> None:
        self.latest[name].say(words, turn=turn, cid=cid)

    def pass_turn(self, name: str) -> None:
        self.latest[name].pass_turn()

    # What they do at any time.

    def wander(self, name: str) -> None:
        """Do something that nobody has asked for, and again some time later."""
        self.later(self.die.randint(5 * SECOND, 60 * SECOND), lambda: self.wander(name))
        who = Name(name)
        if who not in self.room.seats:
            self.enter(name)
            return
        asks = self.rules.policy in {PolicyName.REQUEST, PolicyName.CHAIR}
        match self.die.choice(("ask", "ask", "say", "return", "gone", "leave", "withdraw", "sit", "sit")):
            case "ask" if asks:
                self.ask(who, RequestFloor(who))
            case "withdraw" if asks:
                self.ask(who, Withdraw(who))
            case "ask" | "say":
                self.say(name, "me too")
            case "return":
                self.ask(who, Return(who))
            case "gone":
                self.hang_up(name)
            case "leave":
                self.latest[name].leave()
            case _:
                pass

    def chair(self) -> None:
        """Give the floor to somebody, mostly; sometimes the chair sleeps, or takes it away again."""
        self.later(self.die.randint(SECOND, 20 * SECOND), self.chair)
        chair = self.room.seated_chair
        if chair is None:
            return
        if self.die.random() < 0.1:
            self.ask(chair, Revoke(None, chair))
        elif self.die.random() < 0.8:
            self.ask(chair, Grant(self.die.choice([*self.room.seats]), chair))

    def hang_up(self, name: str) -> None:
        self.latest[name].hang_up()
        self.later(self.die.randint(0, 40 * SECOND), lambda: self.come_back(name))

    def come_back(self, name: str) -> None:
        before = self.latest[name]
        if self.room.has_sitting and before.is_gone and before.key:
            self.crowd.append(self.hall.come_back(before))
            self.latest[name] = self.crowd[-1]

    def enter(self, name: str) -> None:
        if self.crowd and not self.room.has_sitting:
            return
        dialect = TEXT if self.die.random() < 0.2 else JSON_LINES
        self.crowd.append(self.hall.enter(name, keyed=self.die.random() < 0.7, dialect=dialect))
        self.latest[name] = self.crowd[-1]

    def ask(self, name: Name, command: Command) -> None:
        self.latest[name].submit(command)

    @property
    def room(self) -> Room:
        return self.hall.room()

    @property
    def is_lively(self) -> bool:
        return self.hall.clock.now() < NOON + LIVELY_MS

    def later(self, ms: int, action: Callable[[], None]) -> None:
        def act() -> None:
            # Most of what they do is refused: they are such bots.
            if self.is_lively:
                with suppress(Rejected, LookupError):
                    action()

        self.hall.clock.at(self.hall.clock.now() + ms, act)


def _rules(die: Random, policy: PolicyName) -> Rules:
    seats = die.choice((2, 3, 4, 5, 6, 8, 10, 15, 25, 50))
    return Rules(
        seats=seats,
        policy=policy,
        custom_policy=die.choice((*CUSTOMS, "raises")),
        rounds=die.randint(1, 3),
        until=die.choice(UNTILS),
        chair=die.choice(("Bot 0", "Bot 1")) if policy is PolicyName.CHAIR else "",
        turn_seconds=die.choice((2, 5, 30)),
        seat_seconds={"Bot 0": 1} if die.random() < 0.3 else {},
        missed_turns=die.randint(1, 3),
        on_missed=die.choice(list(OnMissed)),
        away_seconds=die.choice((0, 5, 30)),
    )


def _custom(rules: Rules) -> Policy:
    def policy(room: Room) -> tuple[Name, ...] | None:
        return CUSTOMS[rules.custom_policy](room)  # Where there is none, "raises" does what it says.

    return guarded(policy)


def _ends_by_itself(rules: Rules) -> bool:
    """Tell whether a sitting must end when nobody does anything any more; else the operator's `next` is wanted."""
    ways = rules.until.partition("=")[0]
    match rules.policy:
        case PolicyName.OPEN:
            return ways == "seconds"
        case PolicyName.REQUEST:
            return ways in {"", "settled", "seconds"}
        case _:
            return rules.on_missed is not OnMissed.NONE or ways in {"", "turns", "seconds"}


def _life(hall: MemoryHall) -> Life:
    entries = hall.entries()
    life = Life([empty_room(entries[0].room)], [], [], [])
    for entry in entries:
        event, stamp = decode_event(entry.body)
        life.log.append((event, stamp.at))
        life.rooms.append(evolve(life.rooms[-1], event, stamp.at))
    return life


def _has_read_the_log(hall: MemoryHall, who: Participant) -> bool:
    """Tell whether a reader of JSON lines was written the log from its cursor on, and nothing else."""
    if who.dialect is not JSON_LINES or who.welcome is None:
        return True
    lines = b"".join(entry.body + b"\n" for entry in hall.entries()[who.welcome.after :])
    return lines.startswith(who.received) and (who.is_gone or who.received != b"")
