"""What the room talks about next, and how the operator steers it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from moothall.engine.chance import topic_from_bag
from moothall.engine.commands import CloseSitting, HostSay, Join, Next, Pass, Pause, QueueTopic, Say
from moothall.engine.events import (
    FloorRevoked,
    HostSaid,
    SittingClosed,
    TopicClosed,
    TopicOpened,
    TopicQueued,
)
from moothall.engine.room import Room
from moothall.engine.rules import Rules
from moothall.engine.topics import close_sitting, host_say, next_topic, open_topic, queue_topic
from moothall.engine.words import Afterwards, PolicyName, SittingEnd, TopicEnd
from moothall.errors import Reason, Rejected
from tests.engine.past import HUG, KARI, LARS, a_room, gathering, play, refusal, take, talking

STAY = replace(HUG, afterwards=Afterwards.STAY)
OPEN = replace(HUG, policy=PolicyName.OPEN)
RESTING = play(talking(LARS, rules=STAY), Say(LARS, "hi"))
REVOKED = FloorRevoked(LARS, 1, by="operator")


@pytest.mark.parametrize(
    ("words", "topic"), [("x", "x"), ("  go  for\ta\nwalk ", "go for a walk"), ("x" * 200, "x" * 200)]
)
def test_a_topic_is_queued(words: str, topic: str) -> None:
    """As one line, however it was typed."""
    assert queue_topic(a_room(), QueueTopic(words)) == [TopicQueued(topic)]


@pytest.mark.parametrize("words", ["", " \n", "x" * 201])
def test_a_topic_is_a_few_words(words: str) -> None:
    """It is said in a sentence; the answer names the field and its limits."""
    assert refusal(a_room(), QueueTopic(words)) == (Reason.BAD_VALUE, "topic is 1 to 200 characters")


def test_the_first_of_the_queue_is_opened() -> None:
    """In the host's voice, as the room's question has it."""
    rules = replace(HUG, host="Batman", question="Let's {topic}! Who wants to {topic}?")
    room = take(a_room(rules), [TopicQueued("sing"), TopicQueued("eat")])

    assert open_topic(room) == TopicOpened("sing", "Batman", "Let's sing! Who wants to sing?")


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("hug, play", "hug or play"),
        ("hug,play ,eat", "hug, play or eat"),
        ("hug or play", "hug or play"),
        ("play chess, hug", "play chess, hug"),
        ("talk about Oslo, Norway", "talk about Oslo, Norway"),
        ("hug,", "hug,"),
        (", hug", ", hug"),
        (",", ","),
    ],
)
def test_a_list_of_actions_is_said_as_a_choice(topic: str, said: str) -> None:
    """Of single words alone: elsewhere a comma may mean anything. The topic itself stays as it was given."""
    room = take(a_room(), [TopicQueued(topic)])

    assert open_topic(room) == TopicOpened(topic, "Host", f"Do you want to {said}?")


@pytest.mark.parametrize("question", ["{topic}?", "Vil du {topic}?", "Do you want to {topic}, or not?"])
def test_a_question_of_another_form_takes_the_topic_as_it_stands(question: str) -> None:
    """It may not be English."""
    room = take(a_room(replace(HUG, question=question)), [TopicQueued("hug, play")])

    assert open_topic(room).text == question.replace("{topic}", "hug, play")


@pytest.mark.parametrize("topic", ["{topic}", "{0} {nobody} %s", "{"])
def test_a_topic_with_braces_is_no_trap(topic: str) -> None:
    """An operator may type anything."""
    room = take(a_room(), [TopicQueued(topic)])

    assert open_topic(room) == TopicOpened(topic, "Host", f"Do you want to {topic}?")


def test_without_a_queue_a_topic_is_drawn() -> None:
    """From the bag that the room's seed shuffles, each once: as often as the room has drawn before."""
    room = a_room(Rules())
    expected = [topic_from_bag(room.rules.topics, "seed", drawn) for drawn in range(9)]

    assert [open_topic(replace(room, topics_drawn=drawn)).topic for drawn in range(9)] == expected


def test_a_topic_of_the_queue_takes_none_from_the_bag() -> None:
    """What was not drawn is still in it."""
    room = talking(LARS, rules=replace(Rules(), afterwards=Afterwards.STAY))
    told = play(room, QueueTopic("sing"), Pass(LARS), Pass(LARS))

    assert open_topic(told) == open_topic(play(room, Pass(LARS)))


def test_next_closes_the_topic() -> None:
    """And first the turn that is open, so that it ends by one event, as every turn does."""
    assert next_topic(talking(LARS, KARI), Next()) == [REVOKED, TopicClosed(TopicEnd.OPERATOR)]


def test_next_closes_a_topic_without_turns() -> None:
    """It is how a topic of the open floor ends."""
    assert next_topic(talking(LARS, KARI, rules=OPEN), Next()) == [TopicClosed(TopicEnd.OPERATOR)]


def test_next_opens_a_topic_where_the_room_rests() -> None:
    """Drawn, if none is queued."""
    assert next_topic(RESTING, Next()) == [TopicOpened("hug", "Host", "Do you want to hug?")]


@pytest.mark.parametrize("room", [a_room(), gathering(LARS)], ids=["new", "gathering"])
def test_a_room_that_gathers_has_no_next_topic(room: Room) -> None:
    """It begins when it is full."""
    assert refusal(room, Next()) == (Reason.NOT_TALKING, "gathering")


@pytest.mark.parametrize(
    "room",
    [a_room(), gathering(LARS), talking(LARS), RESTING, play(talking(LARS), Pause())],
    ids=lambda room: room.phase,
)
def test_the_host_may_speak_at_any_time(room: Room) -> None:
    """The floor is for those with seats."""
    assert host_say(room, HostSay("hi")) == [HostSaid("Host", "hi")]


@pytest.mark.parametrize(
    ("text", "reason", "about"),
    [(" ", Reason.BAD_VALUE, "text is at least one character"), ("four", Reason.TOO_LONG, "3")],
)
def test_the_hosts_words_are_measured_like_any(text: str, reason: Reason, about: str) -> None:
    """Clients have one limit."""
    with pytest.raises(Rejected) as caught:
        host_say(a_room(replace(HUG, max_text_chars=3)), HostSay(text))

    assert (caught.value.reason, caught.value.about) == (reason, about)


@pytest.mark.parametrize("afterwards", Afterwards)
@pytest.mark.parametrize(
    ("policy", "commands", "before"),
    [
        (PolicyName.ROUND_ROBIN, [Join(LARS)], []),
        (PolicyName.ROUND_ROBIN, [Join(LARS), Join(KARI)], [REVOKED, TopicClosed(TopicEnd.OPERATOR)]),
        (PolicyName.ROUND_ROBIN, [Join(LARS), Join(KARI), Pause()], [REVOKED, TopicClosed(TopicEnd.OPERATOR)]),
        (PolicyName.OPEN, [Join(LARS), Join(KARI)], [TopicClosed(TopicEnd.OPERATOR)]),
    ],
    ids=["gathering", "talking", "paused", "open"],
)
def test_a_sitting_closes_in_the_middle_of_whatever_it_is(
    afterwards: Afterwards, policy: PolicyName, commands: list[Join | Pause], before: list[object]
) -> None:
    """Turn, topic and sitting, each by its event."""
    room = play(a_room(replace(HUG, seats=2, policy=policy, afterwards=afterwards)), *commands)

    assert close_sitting(room) == [*before, SittingClosed(SittingEnd.OPERATOR, afterwards)]


def test_a_sitting_closes_while_it_rests() -> None:
    """No topic is open to be closed."""
    assert close_sitting(RESTING) == [SittingClosed(SittingEnd.OPERATOR, Afterwards.STAY)]


def test_without_a_sitting_none_is_closed() -> None:
    """The operator is told so."""
    assert refusal(a_room(), CloseSitting()) == (Reason.NOT_TALKING, "gathering")


def test_who_is_in_the_chair_queues_topics_and_closes_them() -> None:
    """The events say that it was the chair."""
    room = talking(LARS, KARI, rules=replace(HUG, chair="Kari"))

    assert (queue_topic(room, QueueTopic("eat", by=KARI)), next_topic(room, Next(by=KARI))) == (
        [TopicQueued("eat")],
        [FloorRevoked(LARS, 1, by="chair"), TopicClosed(TopicEnd.CHAIR)],
    )


@pytest.mark.parametrize("command", [QueueTopic("eat", by=LARS), Next(by=LARS)], ids=repr)
def test_anybody_else_steers_nothing(command: QueueTopic | Next) -> None:
    """Not even an empty topic is spoken of: the answer is who may."""
    word = "next" if isinstance(command, Next) else "topic"

    assert refusal(talking(LARS, KARI), command) == (
        Reason.NOT_ALLOWED,
        f"only the operator or the chair may ask for {word}",
    )


def test_a_topic_says_by_which_policy_it_is_talked_about() -> None:
    """A reader of the log need not know the rules that were set meanwhile."""
    assert open_topic(a_room(replace(HUG, policy=PolicyName.SHUFFLE))).policy is PolicyName.SHUFFLE


def test_only_so_many_topics_can_wait() -> None:
    """A chair that queues for ever must not fill the memory."""
    room = play(gathering(LARS), *[QueueTopic("eat")] * 100)

    assert refusal(room, QueueTopic("eat")) == (Reason.BAD_VALUE, "topic can wait behind 99 others, not behind more")
