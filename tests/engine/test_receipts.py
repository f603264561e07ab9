"""Receipts: what a seat has said lately, in a run of bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moothall.engine.receipts import MAX_RECEIPTS, Receipt, digest, find_receipt, with_receipt


def test_a_digest_tells_words_apart_in_eight_bytes() -> None:
    """64 of them per seat are kept; pinned, since a room may live on under a newer version."""
    assert (digest("hi").hex(), digest("ho") == digest("hi"), len(digest("\ud800"))) == ("106bce4401410416", False, 8)


def test_a_receipt_says_where_the_words_stand_and_tells_them_from_others() -> None:
    """Found by its cid alone: the seq is the answer to the sender, the digest tells whether the words are the same."""
    receipts = with_receipt(with_receipt(b"", "c1", 7, "hi"), "c2", 2**40, "ho")

    assert (find_receipt(receipts, "c1"), find_receipt(receipts, "c2"), find_receipt(receipts, "c3")) == (
        Receipt(7, digest("hi")),
        Receipt(2**40, digest("ho")),
        None,
    )


def test_the_65th_receipt_takes_the_place_of_the_oldest() -> None:
    """A client leaves at most 64 utterances unacknowledged, so none that it may send again is forgotten."""
    receipts = b""
    for number in range(MAX_RECEIPTS + 1):
        receipts = with_receipt(receipts, f"c{number}", number, "hi")

    known = [number for number in range(MAX_RECEIPTS + 1) if find_receipt(receipts, f"c{number}")]
    assert (known, len(receipts)) == (list(range(1, MAX_RECEIPTS + 1)), 24 * MAX_RECEIPTS)


def test_a_digest_that_stands_across_two_records_is_no_receipt() -> None:
    """The bytes of a seq and of words may look like the digest of a cid; only the beginning of a record counts."""
    wanted = digest("c9")
    first = with_receipt(b"", "c1", int.from_bytes(wanted, "big"), "hi")

    assert (wanted in first, find_receipt(first, "c9")) == (True, None)
    assert find_receipt(with_receipt(first, "c9", 3, "ho"), "c9") == Receipt(3, digest("ho"))


@given(
    st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), max_size=MAX_RECEIPTS, unique_by=lambda pair: pair[0])
)
def test_every_receipt_is_found_again(said: list[tuple[str, str]]) -> None:
    """Whatever the cids and the words are."""
    receipts = b""
    for seq, (cid, text) in enumerate(said, 1):
        receipts = with_receipt(receipts, cid, seq, text)

    found = [find_receipt(receipts, cid) for cid, _ in said]
    assert found == [Receipt(seq, digest(text)) for seq, (_, text) in enumerate(said, 1)]
