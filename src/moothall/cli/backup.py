"""`moothall backup`: the data as it is now, in one file, which is then read from end to end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from moothall.cli.data import data_option, opened_data
from moothall.cli.examine import counted, examine, size_of
from moothall.cli.exits import clean_exit
from moothall.errors import DataCorrupt
from moothall.log.reader import open_copy

__all__ = ["backup"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@data_option
def backup(file: Path, data: Path | None) -> None:
    """Copy all of the data into FILE, which must not be there yet.

    It works beside a running server, which goes on meanwhile: the copy is what was stored when it began. The copy is
    read from end to end before it is said to be good.

    \b
    To go back to it: stop the server, move moothall.db and what stands beside it as moothall.db-wal and moothall.db-shm
    out of the data folder, and copy FILE there as moothall.db.

    \b
    Example:
      moothall backup monday.db
    """  # noqa: D301 - \b is click's: keep these lines as they are
    with clean_exit():
        with opened_data(data) as (reader, _):
            reader.copy_to(file, on_progress=_progress())
        copy = open_copy(file)
        try:
            findings = list(examine(copy))
        finally:
            copy.close()
        damaged = [finding.damage for finding in findings if finding.damage]
        if damaged:
            raise DataCorrupt(f"{file} is written, but the data is damaged: {damaged[0]} moothall doctor says more.")
        entries = sum(finding.entries for finding in findings)
        what = f"{counted(len(findings), 'room')}, {counted(entries, 'entry', 'entries')}"
        print(f"Wrote {file}: {what}, {size_of(file.stat().st_size)}, all as it was written.")


def _progress() -> Callable[[int, int], None] | None:
    if not sys.stderr.isatty():
        return None

    def tell(done: int, pages: int) -> None:
        end = "\n" if done == pages else ""
        print(f"\rCopied {done * 100 // max(pages, 1)} %", end=end, file=sys.stderr, flush=True)

    return tell
