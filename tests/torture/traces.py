"""What a server did to its log and to its sockets, in order, as strace wrote it down; and who was told too early.

Needs `strace -f -y` with strings as long as they are. Utterances are those of a `Crowd`: each is found by its words,
which a page of the log's WAL holds in one piece, for a row of a few short lines fits in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

__all__ = ["STRACE", "Findings", "check_trace", "is_receipt"]

STRACE: Final = (
    *("-f", "-y", "--seccomp-bpf", "-s", "300000"),
    *("-e", "trace=fsync,fdatasync,sync_file_range,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,sendmmsg"),
)
"""Every call by which bytes come to a file or a socket, or to the disk, whatever the event loop and SQLite prefer."""

_SYNCS: Final = {"fsync", "fdatasync"}
_CALL: Final = re.compile(r"(\d+) +(\w+)\((\d+)<([^>]*)>")
_RESUMED: Final = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>")
_UTTERANCE: Final = re.compile(r"N\d\d says \d+(?=[!\\])")
_RECEIPTS: Final = (r"\"event\":\"said\"", "* Said.")
_DONE: Final = re.compile(r"= 0$")


class Findings(Struct):
    """What a trace shows. `early` are the lines that left too early, shortened."""

    syncs: int = 0
    sends: int = 0  # that tell of something said
    receipts: int = 0  # utterances that were told of, each counted once; the text door's `* Said.` tells no words
    early: list[str] = []


def check_trace(lines: Iterable[str]) -> Findings:
    """Tell for everything that leaves whether it was on the disk: the WAL's write, then a sync that has returned.

    Two rules: whatever was said and is told now was in a synced write; and no write to the WAL waits for its sync.
    """
    findings = Findings()
    on_disk: set[str] = set()
    written: list[set[str]] = []  # of each write to the WAL that no sync has covered
    covered: dict[str, int] = {}  # by thread: how many of these its running sync covers
    for thread, call, target, line, is_begun, is_done in _calls(lines):
        is_wal = target.endswith("-wal")
        if call in _SYNCS and is_wal:
            if is_begun:
                covered[thread] = len(written)
            if is_done and _DONE.search(line):
                findings.syncs += 1
                on_disk.update(*written[: covered[thread]])
                del written[: covered[thread]]
        elif is_wal and is_begun:
            written.append(set(_UTTERANCE.findall(line)))
        elif target.startswith(("socket:", "TCP")) and is_begun and is_receipt(line):
            told = set(_UTTERANCE.findall(line))
            findings.sends += 1
            findings.receipts += len(told)
            if written or not told <= on_disk:
                findings.early.append(line[:200])
    return findings


def is_receipt(line: str) -> bool:
    """Tell whether a line of a trace is a write to a socket that tells of something said."""
    return ("<socket:" in line or "<TCP" in line) and any(words in line for words in _RECEIPTS)


def _calls(lines: Iterable[str]) -> Iterator[tuple[str, str, str, str, bool, bool]]:
    """Read (thread, call, target, line, whether it begins here, whether it ends here)."""
    running: dict[str, str] = {}
    for line in lines:
        text = line.rstrip()
        if found := _CALL.match(text):
            thread, call, _, target = found.groups()
            is_whole = not text.endswith("<unfinished ...>")
            if not is_whole:
                running[thread] = target
            yield thread, call, target, text, True, is_whole
        elif found := _RESUMED.match(text):
            thread, call = found.groups()
            yield thread, call, running.pop(thread, ""), text, False, True
