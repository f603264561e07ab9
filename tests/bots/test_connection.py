"""One open line, and the patience to wait for a server."""

import asyncio

import pytest

from moothall.bots.connection import MAX_LINE_BYTES, Patience, connect
from moothall.errors import BadFrame, BadSetting, Unreachable
from tests.bots.servers import HERE, a_foreign_server, free_port


async def test_lines_come_whole_and_the_end_is_none() -> None:
    """Whatever the packets do; what no newline ends is asked for apart."""

    async def answers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"one\r\ntwo\nthr")

    async with a_foreign_server(answers) as port:
        connection = await connect(HERE, port)

        assert [await connection.read_line() for _ in range(3)] == [b"one", b"two", None]
        assert connection.rest() == b"thr"
        await connection.close()


async def test_silence_ends_a_line_that_is_asked_not_to_be_silent() -> None:
    """A line whose other end has lost its power tells nothing."""

    async def answers(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with a_foreign_server(answers) as port:
        connection = await connect(HERE, port)

        assert await connection.read_line(silence_seconds=0) is None
        await connection.close()


async def test_a_line_that_never_ends_is_not_kept() -> None:
    """Memory is bounded, whoever answers."""

    async def answers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"x" * (MAX_LINE_BYTES + 1))
        await writer.drain()

    async with a_foreign_server(answers) as port:
        connection = await connect(HERE, port)

        with pytest.raises(BadFrame, match="more than 12001024 bytes"):
            await connection.read_line()
        await connection.close()


async def test_last_words_are_read_before_the_line_is_closed() -> None:
    """To close over unread bytes may reset the line before the server has read a leave."""
    heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"unread\n" * 1000)
        heard.set_result(await reader.readline())

    async with a_foreign_server(answers) as port:
        connection = await connect(HERE, port)
        await connection.close(b"leave\n")

        assert await heard == b"leave\n"
        connection.send(b"after the end, which is lost")
        await connection.drain()


@pytest.mark.parametrize(("host", "port"), [(HERE, 70_000), ("a..b", 4242)])
async def test_an_address_that_cannot_be_is_said_so(host: str, port: int) -> None:
    """Waiting would not help."""
    with pytest.raises(BadSetting):
        await connect(host, port)


async def test_nobody_there_is_an_os_error() -> None:
    """So that whoever is patient tries again."""
    with pytest.raises(OSError, match=r"refused|failed"):
        await connect(HERE, free_port())


async def test_patience_says_once_what_it_waits_for_and_ends() -> None:
    """A line a second would bury what is worth reading."""
    told: list[str] = []
    patience = Patience(0.2, told.append)

    async def wait_for_ever() -> None:
        while True:
            await patience.wait("Nobody.")

    with pytest.raises(Unreachable, match=r"^Nobody\.$"):
        await wait_for_ever()

    assert told == ["Nobody. Trying again."]
