"""The command line and the file go together: which holds, what rooms differ in, and that every mistake is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from moothall.cli.config import ROOM_RULES, Value
from moothall.cli.hall_settings import Wanted, wanted
from moothall.cli.options import Options
from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards, OnMissed, PolicyName, WhenShort
from moothall.errors import BadFile, BadSetting
from moothall.log.room_log import Durability
from moothall.settings import Settings, check, rules_of
from tests.cli.test_config import EVERY

CHAIR = "chair is the name of a participant, which"

Reading = Callable[..., Wanted]


@pytest.fixture
def ask(tmp_path: Path) -> Reading:
    """Return a function that reads a file of settings beside options of a command line."""

    def read(text: str, **given: Value) -> Wanted:
        (tmp_path / "hall.toml").write_text(text, encoding="utf-8")
        return wanted(given, tmp_path / "hall.toml")

    return read


def told(ask: Reading, text: str, folder: Path, **given: Value) -> list[str]:
    with pytest.raises(BadSetting) as caught:
        ask(text, **given)
    assert caught.value.exit_code == 2
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def test_nothing_asked_for_is_the_defaults() -> None:
    """Whatever the command line's defaults are spelled like, they are those of the settings."""
    asked = wanted({}, None)

    assert replace(asked.settings, data=None) == Settings()
    assert (asked.is_quiet, asked.is_verbose) == (False, False)


def test_every_option_of_a_file_becomes_a_setting(ask: Reading) -> None:
    """All of them, so that none is read and then forgotten."""
    left_out = {"until", "hold_start", "rooms", "seats"}
    text = "\n".join(f"{name} = {value}" for name, (value, _) in EVERY.items() if name not in left_out)
    asked = ask(text)

    assert (asked.is_quiet, asked.is_verbose) == (True, True)
    assert asked.settings == Settings(
        port=5000,
        insecure=True,
        allow_host=("moot.example.org",),
        operator_token_file=Path("/run/token"),
        gather_seconds=7.5,
        when_short=WhenShort.FILL,
        reserve=("Kari", "Ola Nordmann"),
        topics=("hug", "play, eat"),
        topic_list=("hug", "play"),
        question="Why {topic}?",
        host="Batman",
        policy=PolicyName.ROTATE,
        rounds=3,
        chair="Kari",
        turn_seconds=0.5,
        seat_seconds={"Kari": 60, "Ola Nordmann": 7.5},
        missed_turns=1,
        on_missed=OnMissed.REMOVE,
        away_seconds=0,
        stay=True,
        labels={"arm": "one", "group": "3", "is_pilot": "true"},
        seed="x",
        bare=True,
        early=False,
        durability=Durability.NONE,
        keep_days=0.5,
        keep_entries=9,
        max_text_chars=80,
        max_connections=1,
        max_unjoined=1,
        max_rooms=40,
        max_spectators=1,
    )
    assert ask("hold_start = true\nuntil = 'settled'\nseats = 2").settings.until == "settled"


def test_every_setting_can_be_reached_from_a_file() -> None:
    """Under the name of its option; only the rooms' rules are made of tables."""
    of_options = {"topics": "topic", "topic_list": "topics", "custom_policy": "policy", "labels": "label"}
    names = {of_options.get(name, name) for name in Settings.__struct_fields__}

    assert names - {"room_rules"} == set(Options.__struct_fields__) - {"quiet", "verbose"}


def test_every_rule_of_a_room_but_one_may_be_its_own(ask: Reading) -> None:
    """How long an utterance may be is known to the doors before they know the room."""
    of_options = {"agenda": "topic", "labels": "label", "afterwards": "stay", "custom_policy": "policy"}

    assert {of_options.get(name, name) for name in Rules.__struct_fields__} - {"max_text_chars"} == ROOM_RULES


def test_the_command_line_holds_before_the_file_and_a_table_before_what_is_above(ask: Reading) -> None:
    """Only what was typed; what is its default holds before nothing."""
    text = "seats = 2\nrounds = 2\nturn_seconds = 20\n[rooms.lab]\nseats = 3\nturn_seconds = 5\n[rooms.main]\n"
    settings = ask(text, turn_seconds="7").settings
    lab, main, other = (rules_of(settings, name) for name in ("LAB", "main", "other"))

    assert (settings.seats, settings.rounds, settings.turn_seconds) == (2, 2, 7)
    assert (lab.seats, lab.rounds, lab.turn_seconds) == (3, 2, 7)
    assert main == other == rules_of(settings)
    assert settings.rooms == ("lab", "main")


def test_labels_and_seconds_of_seats_add_up(ask: Reading) -> None:
    """The nearest holds where a key is given twice."""
    text = "labels = { a = '1', b = '1', c = '1' }\n[rooms.lab]\nlabels = { b = '2', c = '2' }\n"
    settings = ask(
        f"seat_seconds = {{ Kari = 9, Ola = 9 }}\n{text}seat_seconds = {{ kari = 1 }}", label=("c=3",)
    ).settings

    assert settings.labels == {"a": "1", "b": "1", "c": "3"}
    assert rules_of(settings, "lab").labels == {"a": "1", "b": "2", "c": "3"}
    assert rules_of(settings, "lab").seat_seconds == {"kari": 1, "Ola": 9}


@pytest.mark.parametrize(
    ("behind", "nearer", "is_so"),
    [
        ("rounds = 3", "until = 'settled'", lambda rules: (rules.rounds, rules.until) == (1, "settled")),
        ("until = 'settled'", "rounds = 3", lambda rules: (rules.rounds, rules.until) == (3, "")),
        ("rounds = 3", "until = ''", lambda rules: (rules.rounds, rules.until) == (3, "")),
        ("topic = 'hug'", "topics = ['eat']", lambda rules: (rules.agenda, rules.topics) == ((), ("eat",))),
        ("topics = ['eat']", "topic = 'hug'", lambda rules: (rules.agenda, rules.topics) == (("hug",), ("eat",))),
        (
            "gather_seconds = 9\nwhen_short = 'fill'",
            "hold_start = true",
            lambda rules: (rules.gather_seconds, rules.when_short, rules.hold_start) == (0, WhenShort.WAIT, True),
        ),
        (
            "hold_start = true",
            "gather_seconds = 9\nwhen_short = 'start'",
            lambda rules: (rules.gather_seconds, rules.when_short, rules.hold_start) == (9, WhenShort.START, False),
        ),
        (
            "gather_seconds = 9\nwhen_short = 'fill'",
            "hold_start = false",
            lambda rules: (rules.gather_seconds, rules.when_short, rules.hold_start) == (9, WhenShort.FILL, False),
        ),
        ("stay = true", "stay = false", lambda rules: rules.afterwards is Afterwards.DISCONNECT),
    ],
)
def test_what_is_nearer_takes_the_place_of_what_cannot_stand_beside_it(
    behind: str, nearer: str, is_so: Callable[[Rules], bool], ask: Reading
) -> None:
    """A room of its own may end otherwise than the others; within one table it would have two meanings."""
    settings = ask(f"{behind}\n[rooms.lab]\n{nearer}\n").settings
    check(settings)

    assert is_so(rules_of(settings, "lab"))


def test_many_rooms_have_their_seats_in_their_name(ask: Reading) -> None:
    """The same as an option and in a file, alone and among others; a table of one of them adds to it."""
    assert wanted({"rooms": "2x3"}, None).settings.rooms == ("room1", "room2")
    assert rules_of(wanted({"rooms": "main,2x3", "seats": "5"}, None).settings, "room2").seats == 3
    assert rules_of(wanted({"rooms": "main,2x3", "seats": "5"}, None).settings, "main").seats == 5

    text = "rounds = 2\n[rooms.3x2]\nturn_seconds = 9\n[rooms.Room2]\nturn_seconds = 5\nseats = 6\n[rooms.main]"
    settings = ask(text).settings
    assert settings.rooms == ("room1", "room2", "room3", "main")
    assert [
        (rules.seats, rules.turn_seconds, rules.rounds)
        for rules in (rules_of(settings, room) for room in settings.rooms)
    ] == [(2, 9, 2), (6, 5, 2), (2, 9, 2), (4, 30, 2)]
    assert rules_of(ask(text, seats="1").settings, "room1").seats == 1


def test_rooms_on_the_command_line_are_the_only_ones(ask: Reading) -> None:
    """Those of them that have a table have its rules, but for the seats that `30x4` says."""
    settings = ask("[rooms.room1]\nrounds = 2\nseats = 7\n[rooms.lab]\n", rooms="2x3,attic").settings

    assert settings.rooms == ("room1", "room2", "attic")
    assert [(rules_of(settings, room).seats, rules_of(settings, room).rounds) for room in settings.rooms] == [
        (3, 2),
        (3, 1),
        (4, 1),
    ]


def test_ten_thousand_rooms_are_made_at_once() -> None:
    """Rooms that are alike share their rules."""
    settings = wanted({"rooms": "10000x4"}, None).settings
    check(settings)

    assert len(settings.rooms) == 10_000
    assert len({id(rules) for rules in settings.room_rules.values()}) == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"rooms": "30x4", "seats": "5"}, "--seats cannot stand beside 30x4, which says how many seats there are."),
        ({"rooms": "2x1", "reserve": "A,B"}, "--reserve holds 2 names, and there are 1 seats."),
        ({"seats": "x"}, "--seats is a whole number, not 'x'."),
        ({"rooms": "main,2x2,MAIN"}, "--rooms names MAIN twice."),
        ({"max_rooms": "3", "rooms": "4x4"}, "--rooms names 4 rooms, and there can be 3."),
    ],
)
def test_what_cannot_be_on_the_command_line_is_told_as_ever(given: dict[str, Value], words: str) -> None:
    """One sentence."""
    with pytest.raises(BadSetting) as caught:
        wanted(given, None)

    assert str(caught.value) == words


def test_every_mistake_is_told_at_once_in_the_order_of_the_lines(ask: Reading, tmp_path: Path) -> None:
    """Values, kinds, names, files, rooms, TOML itself, and what is wrong on the command line comes last."""
    (tmp_path / "talk.txt").write_text("hug\n%list\n" + "x" * 201, encoding="utf-8")
    text = """seats = 0
turn_second = 5
rounds = 3
until = "settled"
bind = "0.0.0.0"
policy = "nowhere.py:f"
topics = "talk.txt"
[rooms.lab]
chair = "Host"
label = ["arm"]
[rooms.quiet]
turn-seconds = -1
stay = yes
[rooms.2x2]
seats = 2
[rooms.0x4]
[rooms."a:b"]
"""

    assert told(ask, text, tmp_path, on_missed="x") == [
        "hall.toml:1: seats is a whole number from 1 to 200, not 0.",
        "hall.toml:2: there is no setting turn_second; do you mean turn_seconds?",
        "hall.toml:3: rounds cannot stand beside until: write rounds=3 into until.",
        "hall.toml:5: bind 0.0.0.0 would let other machines in, unprotected. "
        "Write insecure = true to do so all the same.",
        "hall.toml:6: policy nowhere.py:f: There is no file nowhere.py.",
        "talk.txt:2: a line that begins with % is %label KEY=VALUE, as in %label list=nice, not '%list'.",
        "talk.txt:3: a topic is 1 to 200 characters, not 201.",
        "hall.toml:9: chair is the name of a participant, which Host cannot be.",
        "hall.toml:10: label is KEY=VALUE, as in arm=rotate, not 'arm'.",
        "hall.toml:12: turn-seconds is a number of seconds from 0 (none) to 604800, not -1.",
        'hall.toml:13: this is no TOML: invalid value (column 8); text stands in quotes, as in "main".',
        "hall.toml:15: seats stands in the name 2x2 already.",
        "hall.toml:16: rooms takes ROOMSxSEATS, as in 30x4, from 1x1 to 10000x200, not '0x4'.",
        "hall.toml:17: rooms has no name 'a:b': 1 to 64 letters, digits, -_.' and single spaces.",
        "--on-missed is one of bench, remove, none, not 'x'.",
    ]


@pytest.mark.parametrize(
    ("text", "given", "words"),
    [
        ("seats = 0", {"seats": "2"}, "hall.toml:1: seats is a whole number from 1 to 200, not 0."),
        ("[rooms.lab]\nseats = 500", {"seats": "0"}, "hall.toml:2: seats is a whole number from 1 to 200, not 500."),
        ("host = 'Kari'", {"chair": "kari"}, f"--{CHAIR} kari cannot be."),
        ("host = 'Kari'\n[rooms.lab]\nhost = 'Ola'\nchair = 'ola'", {}, f"hall.toml:4: {CHAIR} ola cannot be."),
        ("chair = 'Ola'\n[rooms.lab]\nhost = 'Ola'", {}, f"hall.toml:2: in lab, {CHAIR} Ola cannot be."),
        ("policy = 'custom'", {}, "hall.toml:1: policy custom wants a function: write file.py:function."),
        (
            "when_short = 'fill'",
            {},
            "hall.toml:1: when_short fill wants gather_seconds: how long a room gathers before it is short.",
        ),
        (
            "seats = 2\nrooms = '3x4'",
            {},
            "hall.toml:1: seats cannot stand beside 3x4, which says how many seats there are.",
        ),
        (
            "[rooms.2x1]\nreserve = 'A,B'\n[rooms.room2]\nseats = 2",
            {},
            "hall.toml:1: in room1, reserve holds 2 names, and there are 1 seats.",
        ),
    ],
)
def test_mistakes_between_two_places_are_told_at_one_of_them(
    text: str, given: dict[str, Value], words: str, ask: Reading, tmp_path: Path
) -> None:
    """And what the command line speaks louder than is a mistake all the same."""
    assert told(ask, text, tmp_path, **given)[0] == words


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("bind = '0.0.0.0'", {"insecure": True}),
        ("when_short = 'fill'", {"gather_seconds": "5"}),
        ("gather_seconds = 5", {"when_short": "close"}),
        ("rounds = 3", {"until": "settled"}),
        ("until = 'settled'", {"rounds": "3"}),
        ("host = 'Kari'\nchair = 'Ola'", {"host": "Batman"}),
        ("seats = 3", {"rooms": "30x4"}),
        ("rooms = '30x4'", {"seats": "3"}),
        ("[rooms.30x4]", {"seats": "3"}),
    ],
)
def test_a_file_and_a_command_line_may_need_each_other(text: str, given: dict[str, Value], ask: Reading) -> None:
    """What would be a mistake alone is none together."""
    check(ask(text, **given).settings)


def test_a_policy_of_its_own_is_looked_for_beside_the_file(ask: Reading, tmp_path: Path) -> None:
    """For one room as for all."""
    (tmp_path / "mine.py").write_text("def mine(room):\n    return []\n", encoding="utf-8")
    settings = ask("[rooms.lab]\npolicy = 'mine.py:mine'\n").settings

    assert rules_of(settings, "lab").custom_policy == str(tmp_path / "mine.py:mine")
    assert rules_of(settings).policy is PolicyName.ROUND_ROBIN
    with pytest.raises(BadFile, match=r"hall\.toml:1: policy .*mine\.py:yours: There is no function yours in"):
        ask("policy = 'mine.py:yours'")


def test_the_labels_of_a_list_are_the_first_to_give_way(ask: Reading, tmp_path: Path) -> None:
    """`--label` holds before them, and so does a table of labels."""
    (tmp_path / "talk.txt").write_text("%label list=nice\n%label arm=a\nhug\n", encoding="utf-8")
    settings = ask("topics = 'talk.txt'\n[rooms.lab]\nlabels = { arm = 'b' }").settings

    assert (settings.labels, settings.topic_list) == ({"list": "nice", "arm": "a"}, ("hug",))
    assert rules_of(settings, "lab").labels == {"list": "nice", "arm": "b"}
    assert wanted({"topics": str(tmp_path / "talk.txt"), "label": ("arm=c",)}, None).settings.labels == {
        "list": "nice",
        "arm": "c",
    }


def test_the_file_in_the_handbook_can_be_read(ask: Reading, tmp_path: Path) -> None:
    """It is what people copy."""
    page = (Path(__file__).parents[2] / "docs/howto/run-a-server.md").read_text(encoding="utf-8")
    found = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "topics.txt").write_text("hug", encoding="utf-8")

    assert found is not None
    assert len(ask(found[1]).settings.rooms) == 12
