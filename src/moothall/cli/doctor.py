"""`moothall doctor`: is the data what was written? It looks, says what it found, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import click

from moothall.cli.data import data_option, usual_folder
from moothall.cli.examine import Finding, counted, examine, size_of
from moothall.cli.exits import clean_exit
from moothall.errors import DataCorrupt, MoothallError
from moothall.log.folder import DATABASE
from moothall.log.lock_file import Usage, usage_of
from moothall.log.reader import open_reader

__all__ = ["doctor"]


@click.command()
@data_option
def doctor(data: Path | None) -> None:
    """Read all of the data, and say whether it is what was written.

    It checks the file, the checksum of every entry, and that each room's entries make sense one after the other. It
    changes nothing, and works beside a running server. The exit code is 0, or 4 where something is damaged.

    \b
    Example:
      moothall doctor
    """  # noqa: D301 - \b is click's: keep these lines as they are
    with clean_exit():
        folder = data or usual_folder()
        path = folder / DATABASE
        if not path.is_file():
            raise MoothallError(f"There is no data in {folder}.")
        usage = usage_of(folder)
        reader = open_reader(folder)
        try:
            print(f"{path}: {size_of(path.stat().st_size)}, schema {reader.schema}, {_user(usage)}.", flush=True)
            findings = []
            for finding in examine(reader, usage.noted_row):
                findings.append(finding)
                print(_line(finding), flush=True)
        finally:
            reader.close()
        damaged = [finding for finding in findings if finding.damage]
        if damaged:
            raise DataCorrupt(
                f"{counted(len(damaged), 'thing is', 'things are')} not what was written. Nothing was changed. Put a "
                "backup in place of the data, or keep what can still be read: moothall log ROOM."
            )
        rooms, entries = len(findings), sum(finding.entries for finding in findings)
        print(f"All is as it was written: {counted(rooms, 'room')}, {counted(entries, 'entry', 'entries')}.")


def _user(usage: Usage) -> str:
    if not usage.is_known:
        return "you may not see whether a server uses it"
    return "no server uses it" if usage.process is None else f"the server with process {usage.process} uses it"


def _line(finding: Finding) -> str:
    if finding.damage:
        return f"! {finding.damage}"
    sittings = counted(finding.sittings, "sitting")
    return f"{finding.what}: {counted(finding.entries, 'entry', 'entries')}, {sittings} closed, as written."
