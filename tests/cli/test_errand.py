"""What goes through the side door: a line each way, and nothing that could be anything else."""

from __future__ import annotations

import pytest

from moothall.cli.errand import Errand, Reply, decode_errand, decode_reply, encode_errand, encode_reply
from moothall.cli.operator import Verdict
from moothall.errors import BadFrame


def test_what_is_sent_is_what_comes() -> None:
    """One line, whatever is in it."""
    sent = encode_errand("say a\nb", "lab", "secret")

    assert sent.count(b"\n") == 1
    assert decode_errand(sent) == Errand(line="say a\nb", room="lab", token="secret")


@pytest.mark.parametrize("verdict", Verdict)
def test_what_is_answered_is_what_comes(verdict: Verdict) -> None:
    """Each verdict is a word of its own."""
    assert decode_reply(encode_reply(verdict, ["One.", "Two."])) == Reply(verdict=verdict, lines=["One.", "Two."])


def test_what_no_encoding_has_is_a_question_mark() -> None:
    """A shell may hand us bytes that are no text."""
    assert decode_errand(encode_errand("say \udcff!", "\udcff")) == Errand(line="say ?!", room="?")
    assert decode_reply(encode_reply(Verdict.DONE, ["\ud800"])).lines == ["?"]


@pytest.mark.parametrize(
    "line",
    [b"", b"{}", b"[]", b"GET / HTTP/1.1", b'{"line":7}', b"\xff", b'{"line":"', b"[" * 100_000, b'{"line":"\\ud800"}'],
)
def test_whatever_else_comes_is_said_to_be_nothing(line: bytes) -> None:
    """In a sentence, and never by a traceback."""
    for decode in (decode_errand, decode_reply):
        with pytest.raises(BadFrame, match="it is nothing that moothall sends"):
            decode(line)


def test_another_version_is_told_which_this_is() -> None:
    """A server may have been started before an upgrade."""
    with pytest.raises(
        BadFrame, match="One side speaks version 2, the other 1: lead the server with the moothall that"
    ):
        decode_errand(b'{"version":2,"line":"who","more":true}')
    with pytest.raises(BadFrame, match="version 2"):
        decode_reply(b'{"version":2,"verdict":"done","lines":[]}')


def test_fields_that_are_not_known_are_ignored() -> None:
    """So that a field can be added without a new version."""
    assert decode_errand(b'{"line":"who","more":true}') == Errand(line="who")
