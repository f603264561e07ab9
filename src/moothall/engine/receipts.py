"""What a seat has said lately under which cid, so that the same words sent again are not said twice.

All of it is one short run of bytes, 24 for each utterance: a digest of the cid, the seq, a digest of the words. A
dict of objects says the same, but copying it at every utterance touches a hundred places in memory.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from struct import Struct
from typing import Final

import msgspec

__all__ = ["MAX_RECEIPTS", "Receipt", "digest", "find_receipt", "with_receipt"]

MAX_RECEIPTS: Final = 64
"""How many of a seat's latest cids are remembered, and so how many utterances a client may leave unacknowledged."""

_RECORD: Final = Struct(">8sQ8s")
_RECORD_BYTES: Final = _RECORD.size
_KEPT_BYTES: Final = _RECORD_BYTES * (MAX_RECEIPTS - 1)
_NOTHING: Final = blake2b(digest_size=8)  # To be copied, which takes less long than to make one.


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """Where in the log an utterance stands, and the digest of its words."""

    seq: int
    digest: bytes


def digest(text: str) -> bytes:
    """Return what tells one text from another (8 bytes)."""
    state = _NOTHING.copy()
    state.update(text.encode("utf-8", "surrogatepass"))
    return state.digest()


def with_receipt(receipts: bytes, cid: str, seq: int, text: str) -> bytes:
    """Return the receipts with one more, and without the oldest where there are more than 64."""
    return receipts[-_KEPT_BYTES:] + _RECORD.pack(_cid_digest(cid), seq, digest(text))


def find_receipt(receipts: bytes, cid: str) -> Receipt | None:
    """Return what was said under `cid`, if it is among the last 64."""
    wanted = _cid_digest(cid)
    # Nearly every cid is new, and the first bytes of the records alone tell it, most often.
    firsts = receipts[::_RECORD_BYTES]
    record = firsts.find(wanted[0])
    while record >= 0:
        at = record * _RECORD_BYTES
        if receipts.startswith(wanted, at):
            _, seq, words = _RECORD.unpack_from(receipts, at)
            return Receipt(seq, words)
        record = firsts.find(wanted[0], record + 1)
    return None


# Looked for and then remembered: the same cid is asked for twice in a row.
_cid_digest = lru_cache(maxsize=1024)(digest)
