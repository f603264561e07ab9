"""What the operator may ask, over TCP: with the token, and answered once it is stored."""

from __future__ import annotations

from typing import Any

import pytest

from moothall.bots.house import HOUSE_BOTS
from moothall.engine.names import RoomName
from tests.doors.guests import TOKEN, house
from tests.doors.web.callers import ask, lead

REQUESTS = [
    ("POST", "/api/rooms", {"room": "lab"}),
    ("DELETE", "/api/rooms/main", None),
    ("POST", "/api/rooms/main/topics", {"topic": "sing"}),
    ("POST", "/api/rooms/main/commands", {"do": "pause"}),
    ("POST", "/api/rooms/main/bots", {"bots": ["alice"]}),
]


def kinds(answer: dict[str, Any]) -> list[str]:
    return [event["event"] for event in answer["events"]]


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS, ids=[f"{method} {path}" for method, path, _ in REQUESTS])
@pytest.mark.parametrize("shown", [None, "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer"])
async def test_nobody_else_may_ask_it(method: str, path: str, body: object, shown: str | None) -> None:
    """Whatever is shown in the token's place, nothing happens."""
    async with house() as here:
        lars = await here.seated("Lars")
        seq = here.server.hall.room(RoomName("main")).newest.seq
        answer = await ask(here, method, path, body=body, headers={"authorization": shown} if shown else None)
        lars.type("/who")
        await lars.until("* Here: Lars")

        assert here.server.hall.room(RoomName("main")).newest.seq == seq
        assert here.server.hall.find(RoomName("lab")) is None
    assert answer.refusal == (401, "not_allowed", "Show the operator's token: Authorization: Bearer TOKEN.")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_room_is_opened_with_rules_of_its_own_which_stay() -> None:
    """What was not said is as the server was started; the next sitting is opened with the same."""
    async with house(seats=4, turn_seconds=7) as here:
        opened = await lead(here, "POST", "/api/rooms", body={"room": "the lab", "seats": 1, "policy": "rotate"})
        again = await lead(here, "POST", "/api/rooms", body={"room": "the lab", "seats": 1, "policy": "rotate"})
        for _ in range(2):
            lars = await here.seated("Lars@the lab")
            await lars.until("* Your turn, 7 s.")
            lars.type("Lovely.")
            await lars.rest()
        shown = (await ask(here, "GET", "/api/rooms/the%20lab")).object
        others = (await lead(here, "POST", "/api/rooms", body={"room": "main"})).object
        plain = (await lead(here, "POST", "/api/rooms", body={"room": "the lab"})).object

    assert (opened.status, opened.headers["location"]) == (201, "/api/rooms/the%20lab")
    assert opened.object.items() >= {"room": "the lab", "seats": 1, "policy": "rotate"}.items()
    assert again.status == 200
    assert (shown["sitting"], shown["seats"], shown["policy"]) == (2, 1, "rotate")
    assert (others["seats"], others["policy"]) == (4, "round-robin")
    assert (plain["seats"], plain["policy"]) == (4, "round-robin")


async def test_a_server_whose_rooms_are_named_lets_the_operator_open_another() -> None:
    """Nobody else can."""
    async with house(rooms=("main",)) as here:
        refused = await here.guest("Lars@lab")
        told = await refused.line()
        await lead(here, "POST", "/api/rooms", body={"room": "lab"})

        await here.seated("Lars@lab")
    assert told == "! no_such_room: There is no room lab."


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"room": "lab", "policy": "custom"}, (422, "bad_value")),
        ({"room": "lab", "until": "someday"}, (422, "bad_value")),
        ({"room": "lab", "question": "Well?"}, (422, "bad_value")),
        ({"room": "-"}, (422, "bad_name")),
        ({"room": "any"}, (422, "bad_name")),
        ({"room": "lab", "seats": 0}, (400, "malformed")),
        ({"room": "lab", "policy": "loudest"}, (400, "malformed")),
        ({}, (400, "malformed")),
        ([], (400, "malformed")),
    ],
)
async def test_rules_that_cannot_be_open_nothing(body: object, refusal: tuple[int, str]) -> None:
    """The sentence is that of the command line."""
    async with house() as here:
        answer = await lead(here, "POST", "/api/rooms", body=body)
        rooms = (await ask(here, "GET", "/api/rooms")).object

    assert answer.refusal[:2] == refusal
    assert [room["room"] for room in rooms["rooms"] if room["seq"]] == []


async def test_in_the_middle_of_a_sitting_its_rules_stay() -> None:
    """The chair's and the operator's `set` changes them from the next topic on."""
    async with house() as here:
        await here.seated("Lars")
        answer = await lead(here, "POST", "/api/rooms", body={"room": "main", "seats": 2})

    assert answer.refusal == (409, "not_allowed", "Not allowed: other rules in the middle of a sitting.")


async def test_a_room_that_is_closed_lets_everybody_go_and_keeps_its_log() -> None:
    """Whoever joins it opens it again."""
    async with house(seats=2) as here:
        lars = await here.seated("Lars")
        closed = await lead(here, "DELETE", "/api/rooms/main")
        last = (await lars.rest())[-1]
        nobody = await lead(here, "DELETE", "/api/rooms/lab")
        await here.seated("Kari")

    assert kinds(closed.object) == ["sitting_closed", "room_closed"]
    assert last.startswith("* Goodbye.")
    assert nobody.refusal[:2] == (404, "no_such_room")


async def test_commands_lead_a_room_as_the_console_does() -> None:
    """Each is answered with what it brought about, as it stands in the log; what is so already, with nothing."""
    async with house(seats=2) as here:
        lars, kari = await here.seated("Lars"), await here.seated("Kari")
        await lars.until("* Your turn")
        done = {
            do: (await lead(here, "POST", "/api/rooms/main/commands", body={"do": do} | more)).object
            for do, more in (
                ("say", {"text": "Welcome!"}),
                ("pause", {}),
                ("unpause", {}),
                ("topic", {"topic": "play  chess"}),
                ("set", {"rounds": 2}),
                ("skip", {}),
                ("remove", {"name": "kari", "why": "late"}),
                ("end", {}),
            )
        }
        log = here.server.log.read(RoomName("main"), after=0)

    assert kinds(done["say"]) == ["host_said"]
    assert kinds(done["pause"]) == ["paused"]
    assert kinds(done["unpause"]) == ["unpaused", "reopened"]
    assert done["topic"]["events"][0]["topic"] == "play chess"
    assert kinds(done["set"]) == ["rules_set"]
    assert kinds(done["skip"])[0] == "floor_revoked"
    assert done["remove"]["events"][1].items() >= {"event": "removed", "name": "Kari", "reason": "late"}.items()
    assert kinds(done["end"])[-1] == "sitting_closed"
    stored = {entry.seq for entry in log}
    assert all(event["seq"] in stored for answer in done.values() for event in answer["events"])
    assert (await kari.rest())[-1].startswith("* Goodbye.")


async def test_a_command_that_changes_nothing_or_cannot_be() -> None:
    """So already: no events. Not now: the reason and the sentence of every door."""
    async with house() as here:
        await here.seated("Lars")
        await lead(here, "POST", "/api/rooms/main/commands", body={"do": "pause"})
        again = await lead(here, "POST", "/api/rooms/main/commands", body={"do": "pause"})
        skip = await lead(here, "POST", "/api/rooms/main/commands", body={"do": "next"})
        nobody = await lead(here, "POST", "/api/rooms/main/commands", body={"do": "remove", "name": "Ola"})

    assert again.object == {"events": []}
    assert skip.refusal == (409, "not_talking", "The conversation starts at 4/4.")
    assert nobody.refusal == (409, "no_seat", "Ola has no seat here.")


async def test_house_bots_take_the_seats_that_are_free() -> None:
    """They talk with whoever is there, and the sitting ends."""
    async with house(seats=3) as here:
        listed = (await ask(here, "GET", "/api/bots")).object
        lars = await here.seated("Lars")
        sent = await lead(here, "POST", "/api/rooms/main/bots", body={"bots": ["alice", "bob"]})
        await lars.until("* Your turn")
        lars.type("Lovely.")
        lines = await lars.rest()

    assert listed == {"bots": list(HOUSE_BOTS)}
    assert (sent.status, sent.object) == (202, {"sent": 2})
    assert any(line.startswith("Alice: ") for line in lines)
    assert any(line.startswith("Bob: ") for line in lines)


@pytest.mark.parametrize(
    ("bots", "refusal"),
    [
        (["alice", "bob"], (409, "room_full")),
        (["hal"], (422, "bad_value")),
        ([], (400, "malformed")),
        (["alice"] * 201, (400, "malformed")),
    ],
)
async def test_no_more_bots_than_seats_and_none_that_nobody_knows(bots: list[str], refusal: tuple[int, str]) -> None:
    """None of them is sent."""
    async with house(seats=2) as here:
        await here.seated("Lars")
        answer = await lead(here, "POST", "/api/rooms/main/bots", body={"bots": bots})

    assert answer.refusal[:2] == refusal
