"""What somebody types once they are in a room: words are said or kept for their turn, commands are done.

Normative: docs/protocol/text.md, "What one types", "Early words" and "Refusals".
"""

from __future__ import annotations

from collections.abc import Callable

from moothall.doors.text.manners import TextManners
from moothall.doors.text.refusals import Refusals
from moothall.engine.commands import (
    Command,
    Grant,
    Leave,
    Next,
    Pass,
    QueueTopic,
    RequestFloor,
    Return,
    Revoke,
    Say,
    Withdraw,
)
from moothall.engine.names import Name
from moothall.errors import Reason, Rejected
from moothall.hall.hall import Hall
from moothall.hall.visit import Visit
from moothall.views.roster import room_line, who_line
from moothall.wire.set_words import parse_set
from moothall.wire.text import notice, refusal_of
from moothall.wire.typed import CHAIR_HELP, HELP, Slash, SlashWord, Words

__all__ = ["Talk", "rooms_notice"]


class Talk:
    """One visit's side of the conversation.

    Args:
        tell: says a line to it.
        say_goodbye: ends its connection.
        count_refusal: takes note of a refusal, told or not.
    """

    def __init__(
        self,
        visit: Visit,
        hall: Hall,
        manners: TextManners,
        *,
        tell: Callable[[str], None],
        say_goodbye: Callable[[], None],
        count_refusal: Callable[[Reason], None],
    ) -> None:
        self._visit = visit
        self._hall = hall
        self._manners = manners
        self._tell = tell
        self._say_goodbye = say_goodbye
        self._count_refusal = count_refusal
        self._refusals = Refusals()

    def take(self, typed: Words | Slash) -> None:
        """Do what was typed."""
        visit = self._visit
        match typed:
            case Words(""):
                pass
            case Words(text):
                self._say(text)
            case Slash(SlashWord.PASS):
                self._ask(Pass)
            case Slash(SlashWord.ASK):
                self._forget_if_over()
                self._ask(RequestFloor)
            case Slash(SlashWord.WITHDRAW):
                self._ask(Withdraw)
                self._forget_if_over()
            case Slash(SlashWord.RETURN):
                self._ask(Return)
            case Slash(SlashWord.LEAVE):
                self._leave()
            case Slash(SlashWord.DROP):
                self._tell(notice("Dropped." if visit.forget_words() else "Nothing waits."))
            case Slash(SlashWord.WHO):
                self._tell(notice(who_line(visit.clerk.settled, self._hall.watching(visit.clerk), visit.name)))
            case Slash(SlashWord.ROOMS):
                self._tell(rooms_notice(self._hall))
            case Slash(SlashWord.HELP):
                self._tell(notice(f"{HELP} {CHAIR_HELP}" if self._is_chair() else HELP))
            case Slash(SlashWord.WATCH):
                self._tell(notice("You are in a room already. /leave leaves it."))
            case Slash(word, words):
                self._ask(lambda name: _of_chair(word, words, name))

    def _say(self, text: str) -> None:
        try:
            self._visit.submit(Say(self._name(), text))
        except Rejected as refusal:
            self._turn_down(refusal, text)

    def _turn_down(self, refusal: Rejected, text: str) -> None:
        room, name = self._visit.clerk.newest, self._visit.name
        waits = (
            self._manners.keeps_early
            and not self._manners.is_bare
            and refusal.reason is Reason.NOT_YOUR_TURN
            and name is not None
            and room.awaits_turn(name)
        )
        self._count_refusal(refusal.reason)
        if waits:
            self._visit.keep(text)
        if self._refusals.is_news(refusal.reason, room.turn_number):
            self._tell(refusal_of(refusal, room, name, keeps_words=waits))

    def _ask(self, command: Callable[[Name], Command]) -> None:
        try:
            steps = self._visit.submit(command(self._name()))
        except Rejected as refusal:
            self._count_refusal(refusal.reason)
            self._tell(refusal_of(refusal, self._visit.clerk.newest, self._visit.name))
        else:
            if not steps:
                self._tell(notice("That is so already."))

    def _forget_if_over(self) -> None:
        # Words that waited for the turn one asked for must not be said in another, much later.
        visit = self._visit
        if visit.name is not None and not visit.clerk.newest.awaits_turn(visit.name):
            visit.forget_words()

    def _is_chair(self) -> bool:
        name = self._visit.name
        return name is not None and name == self._visit.clerk.newest.seated_chair

    def _leave(self) -> None:
        visit = self._visit
        if visit.name is None or visit.name not in visit.clerk.newest.seats:
            visit.ship()  # what it is behind with
            visit.end()
            self._say_goodbye()
        else:
            self._ask(Leave)

    def _name(self) -> Name:
        if self._visit.name is None:
            raise Rejected(Reason.NO_SEAT)
        return self._visit.name


def _of_chair(word: SlashWord, words: str, name: Name) -> Command:
    match word:
        case SlashWord.GRANT:
            return Grant(words, by=name)
        case SlashWord.REVOKE:
            return Revoke(words or None, by=name)
        case SlashWord.TOPIC:
            return QueueTopic(words, by=name)
        case SlashWord.SET:
            return parse_set(words, by=name)
        case _:
            return Next(by=name)


def rooms_notice(hall: Hall) -> str:
    """Return the line that lists the rooms that are open."""
    rooms = "; ".join(room_line(clerk.settled) for clerk in hall.clerks.values() if clerk.settled.seq)
    return notice(rooms or "No room is open yet. NAME@ROOM opens one.")
