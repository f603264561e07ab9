"""A file of settings: each option in its own kind of value, and a sentence with its line for all that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from moothall.cli import main
from moothall.cli.config import ROOM_RULES, Config, Value, read_config
from moothall.cli.options import Options
from moothall.errors import BadFile, BadSetting

# One value for each option, as it stands in a file, and as the command line has it.
EVERY: dict[str, tuple[str, Value]] = {
    "port": ("5000", "5000"),
    "bind": ('["127.0.0.1", "::1"]', ("127.0.0.1", "::1")),
    "insecure": ("true", True),
    "allow_host": ('["moot.example.org"]', ("moot.example.org",)),
    "operator_token_file": ('"/run/token"', "/run/token"),
    "seats": ("2", "2"),
    "gather_seconds": ("7.5", "7.5"),
    "when_short": ('"fill"', "fill"),
    "reserve": ('["Kari", "Ola Nordmann"]', "Kari,Ola Nordmann"),
    "hold_start": ("false", False),
    "topic": ('["hug", "play, eat"]', ("hug", "play, eat")),
    "topics": ('["hug", "play"]', ("hug", "play")),
    "question": ('"Why {topic}?"', "Why {topic}?"),
    "host": ('"Batman"', "Batman"),
    "policy": ('"rotate"', "rotate"),
    "rounds": ("3", "3"),
    "until": ('"settled"', "settled"),
    "chair": ('"Kari"', "Kari"),
    "turn_seconds": ("0.5", "0.5"),
    "seat_seconds": ("{ Kari = 60, 'Ola Nordmann' = 7.5 }", ("Kari=60", "Ola Nordmann=7.5")),
    "missed_turns": ("1", "1"),
    "on_missed": ('"remove"', "remove"),
    "away_seconds": ("0", "0"),
    "stay": ("true", True),
    "rooms": ('["main", "30x4"]', "main,30x4"),
    "label": ("{ arm = 'one', group = 3, is_pilot = true }", ("arm=one", "group=3", "is_pilot=true")),
    "seed": ('"x"', "x"),
    "bare": ("true", True),
    "early": ('"refuse"', "refuse"),
    "data": ('":memory:"', ":memory:"),
    "durability": ('"none"', "none"),
    "keep_days": ("0.5", "0.5"),
    "keep_entries": ("9", "9"),
    "max_text_chars": ("80", "80"),
    "max_connections": ("1", "1"),
    "max_unjoined": ("1", "1"),
    "max_rooms": ("40", "40"),
    "max_spectators": ("1", "1"),
    "quiet": ("true", True),
    "verbose": ("true", True),
}


def config_of(text: str, folder: Path) -> tuple[Config, list[str]]:
    """Return what a file says, and what is wrong with it, without the file's name."""
    (folder / "hall.toml").write_text(text, encoding="utf-8")
    config, mistakes = read_config(folder / "hall.toml")
    try:
        mistakes.tell()
    except BadFile as error:
        return config, [sentence.removeprefix(f"{folder / 'hall.toml'}:") for sentence in error.sentences]
    return config, []


def test_there_is_no_option_that_has_no_place_in_a_file() -> None:
    """Whoever adds an option adds it to `Options`, and a value of it here; a room's options are among them."""
    serve = main.get_command(None, "serve")  # type: ignore[arg-type]
    assert serve is not None
    on_the_command_line = {option.name for option in serve.params} - {"config"}
    only_in_files = {name for name in Options.__struct_fields__ if name.startswith("max_")}

    assert on_the_command_line | only_in_files == set(Options.__struct_fields__) == set(EVERY)
    assert set(EVERY) > ROOM_RULES


@pytest.mark.parametrize("spelled", ["{}", "{dashes}"])
def test_every_option_stands_in_a_file_under_its_name(spelled: str, tmp_path: Path) -> None:
    """With dashes or underscores, and as what it is: a number, text, true or false, a list, a table."""
    lines = [f"{spelled.format(name, dashes=name.replace('_', '-'))} = {value}" for name, (value, _) in EVERY.items()]
    config, told = config_of("\n".join(lines), tmp_path)

    assert told == []
    assert config.values == {name: value for name, (_, value) in EVERY.items()}
    assert config.rooms == ()


def test_a_list_of_one_may_be_a_text_and_a_table_a_list(tmp_path: Path) -> None:
    """As they are typed on the command line."""
    text = 'bind = "::1"\ntopic = "hug, play"\nreserve = "Kari, Ola"\nrooms = "30x4"\nlabels = ["arm=one"]\n'
    config, told = config_of(f'{text}seat_seconds = ["Kari=60"]\n', tmp_path)

    assert told == []
    assert config.values == {
        "bind": ("::1",),
        "topic": ("hug, play",),
        "reserve": "Kari, Ola",
        "rooms": "30x4",
        "label": ("arm=one",),
        "seat_seconds": ("Kari=60",),
    }


def test_files_that_a_file_names_are_beside_it(tmp_path: Path) -> None:
    """Wherever the server is started from, as by a service manager."""
    text = 'data = "kept"\ntopics = "talk.txt"\npolicy = "mine.py:mine"\n[rooms.lab]\ntopics = "/srv/talk.txt"\n'
    config, told = config_of(text, tmp_path)

    assert told == []
    assert config.values == {
        "data": str(tmp_path / "kept"),
        "topics": str(tmp_path / "talk.txt"),
        "policy": str(tmp_path / "mine.py:mine"),
    }
    assert config.rooms[0].values == {"topics": str(Path("/srv/talk.txt"))}


def test_a_room_has_a_table(tmp_path: Path) -> None:
    """In any of TOML's forms; what is of the whole server is told apart."""
    text = 'seats = 2\n[rooms.lab]\nseats = 3\non-missed = "none"\n[rooms."Group 7".labels]\narm = "x"\n[rooms.30x4]\n'
    config, told = config_of(text, tmp_path)

    assert told == []
    assert [(table.name, table.values) for table in config.rooms] == [
        ("lab", {"seats": "3", "on_missed": "none"}),
        ("Group 7", {"label": ("arm=x",)}),
        ("30x4", {}),
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('seats = "x"', 'seats is a whole number from 1 to 200, not "x".'),
        ("seats = true", "seats is a whole number from 1 to 200, not true."),
        ("seats = 4.0", "seats is a whole number from 1 to 200, not 4.0."),
        ("seats = [4]", "seats is a whole number from 1 to 200, not [4]."),
        ('turn-seconds = "30"', 'turn-seconds is a number of seconds from 0 (none) to 604800, not "30".'),
        ("keep_days = {}", "keep_days is a number from 0 to 36500, not {}; 0 is for ever."),
        (
            "keep_entries = 1979-05-27",
            'keep_entries is a whole number from 0 to 1000000000, not "1979-05-27"; 0 keeps all.',
        ),
        ('max_rooms = ""', 'max_rooms is a whole number from 1 to 1000000, not "".'),
        ('stay = "yes"', 'stay is true or false, not "yes".'),
        ("stay = 1", "stay is true or false, not 1."),
        ("host = 5", "host is text in quotes, not 5."),
        ("until = false", "until is text in quotes, not false."),
        ("topic = 5", "topic is text in quotes, or a list of such, not 5."),
        ('topic = ["hug", 5]', 'topic is text in quotes, or a list of such, not ["hug", 5].'),
        ("rooms = 30", "rooms is text in quotes, or a list of such, not 30."),
        ("labels = 5", "labels is a table, { KEY = TEXT }, not 5."),
        ("labels = { a = [] }", "labels is a text for each key, not [] for a."),
        ("labels = { 'a=b' = '' }", 'labels is a text for each key, not "" for a=b.'),
        ("seat_seconds = 5", "seat_seconds is a table, { NAME = SECONDS }, not 5."),
        ("seat_seconds = { Kari = '5' }", 'seat_seconds is a number of seconds for each name, not "5" for Kari.'),
        ("seat_seconds = { Kari = true }", "seat_seconds is a number of seconds for each name, not true for Kari."),
        ("turn_second = 5", "there is no setting turn_second; do you mean turn_seconds?"),
        ("xyzzy = 5", "there is no setting xyzzy: moothall serve --help lists them."),
        ("config = 'a.toml'", "there is no setting config: moothall serve --help lists them."),
        ("[room.lab]", "there is no setting room; do you mean rooms?"),
        ("[rooms]\nlab = 5", "there is no room lab without a table: write [rooms.lab]."),
        ("[[rooms]]", "rooms is text in quotes, or a list of such, not [{}]."),
        ("[rooms.lab]\nport = 1", "port is of the whole server, not of one room: write it above the tables."),
        ("[rooms.lab]\nseat = 1", "there is no setting seat; do you mean seats?"),
        ("[rooms.lab]\nrounds = x", 'this is no TOML: invalid value (column 10); text stands in quotes, as in "main".'),
        (f"host = [{', '.join(['1'] * 50)}]", f"host is text in quotes, not [{', '.join(['1'] * 20)}..."),
    ],
)
def test_what_cannot_stand_there_is_told_with_its_line(line: str, told: str, tmp_path: Path) -> None:
    """And with what it may be, as on the command line, but under the name that it has in the file."""
    _, sentences = config_of(f'# a hall\nquestion = """\nseats = 1\n{{topic}}"""\n\n{line}\n', tmp_path)

    number = 6 + line.count("\n")
    assert len(sentences) == 1
    assert sentences[0].startswith(f"{number}: {told.removesuffix('...')}"), sentences
    assert sentences[0].endswith(".") or "do you mean" in told


def test_a_setting_is_given_once(tmp_path: Path) -> None:
    """Under another spelling it is the same."""
    _, told = config_of("turn_seconds = 1\nturn-seconds = 2\n[labels]\n[label]\n", tmp_path)

    assert told == [
        "2: turn-seconds is turn_seconds in line 1 once more: give it once.",
        "4: label is labels in line 3 once more: give it once.",
    ]


def test_the_sentences_come_in_the_order_of_the_lines(tmp_path: Path) -> None:
    """Whatever found them."""
    _, told = config_of("host = 5\nseats = x\nzzz = 1\n[seat_seconds]\nKari = 1\nOla = 'x'\nstay = y\n", tmp_path)

    assert [sentence.partition(":")[0] for sentence in told] == ["1", "2", "3", "6", "7"]


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    """With the line where it isn't even UTF-8."""
    (tmp_path / "latin").write_bytes(b"seats = 1\n# bl\xe5\n")
    (tmp_path / "large").write_bytes(b"\n" * 1_000_001)

    with pytest.raises(BadSetting, match=r"^--config .*none cannot be read: No such file or directory\.$"):
        read_config(tmp_path / "none")
    with pytest.raises(BadSetting, match=r"^--config .* cannot be read: .*\.$"):
        read_config(tmp_path)
    with pytest.raises(BadSetting, match=r"cannot be read: it is larger than 1000000 bytes\.$"):
        read_config(tmp_path / "large")
    with pytest.raises(BadFile, match=r"latin:2: this is not UTF-8: save the file as UTF-8\.$"):
        read_config(tmp_path / "latin")


def test_a_mark_at_the_beginning_is_no_matter(tmp_path: Path) -> None:
    """Some editors write a byte order mark."""
    config, told = config_of("\ufeffseats = 2\r\nrounds = 3\r\n", tmp_path)

    assert (config.values, told) == ({"seats": "2", "rounds": "3"}, [])
