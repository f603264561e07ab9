"""What the server counts, in the text format of Prometheus. Normative: docs/protocol/web.md §9.

Nothing is counted here: the hall, the gate and the log keep plain numbers, which are read when somebody asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from moothall.doors.gate import CountedAs, Gate
from moothall.engine.room import Phase
from moothall.engine.words import Kind
from moothall.errors import Reason
from moothall.hall.hall import Hall
from moothall.log.timed import BOUNDS, CommitTimes

__all__ = ["metrics_routes"]

_READERS = (CountedAs.TEXT, CountedAs.JSON, CountedAs.WEBSOCKET, CountedAs.EVENTS)
"""Who is sent the rooms' words."""


def metrics_routes(hall: Hall, gate: Gate, commits: CommitTimes) -> list[Route]:
    """Return the route that tells what is counted. Each server has counts of its own."""
    registry = CollectorRegistry()
    registry.register(_Metrics(hall, gate, commits))

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [Route("/metrics", metrics)]


class _Metrics(Collector):
    def __init__(self, hall: Hall, gate: Gate, commits: CommitTimes) -> None:
        self._hall = hall
        self._gate = gate
        self._commits = commits

    def collect(self) -> Iterator[Metric]:
        gate = self._gate
        yield from self._of_rooms()
        yield _counter("turns", "Turns that have ended.", "outcome", self._hall.press.counts.turns().items())
        yield self._of_commits()
        sent = gate.sent_bytes()
        yield _counter("sent_bytes", "Bytes sent to readers.", "door", [(door, sent[door]) for door in _READERS])
        refusals = [(reason, gate.refusals[reason]) for reason in Reason]
        yield _counter("refusals", "Commands, frames and requests that were refused.", "reason", refusals)
        here, ever = gate.counted(), gate.opened
        yield _gauge("connections", "Connections that are open.", "door", [(door, here[door]) for door in CountedAs])
        total = [(door, ever[door]) for door in CountedAs]
        yield _counter("connections", "Connections that there were.", "door", total)

    def _of_rooms(self) -> Iterator[Metric]:
        hall = self._hall
        phases: Counter[Phase] = Counter()
        kinds: Counter[Kind] = Counter()
        watching = 0
        for clerk in hall.clerks.values():
            room = clerk.settled
            phases[room.phase] += 1
            for seat in room.seats.values():
                kinds[seat.kind] += seat.away_until is None
            watching += hall.watching(clerk)
        yield _gauge("rooms", "Rooms that are loaded.", "phase", [(phase, phases[phase]) for phase in Phase])
        here = [*((kind.value, kinds[kind]) for kind in Kind), ("spectator", watching)]
        yield _gauge("participants", "Who is here, and not away.", "kind", here)

    def _of_commits(self) -> Metric:
        bounds = [*map(str, BOUNDS), "+Inf"]
        sums = accumulate(self._commits.counts)
        metric = HistogramMetricFamily("moothall_commit_seconds", "How long a batch took to be stored.")
        metric.add_metric([], list(zip(bounds, sums, strict=True)), self._commits.seconds)
        return metric


def _gauge(name: str, about: str, label: str, values: Iterable[tuple[str, int]]) -> Metric:
    metric = GaugeMetricFamily(f"moothall_{name}", about, labels=[label])
    for value, number in values:
        metric.add_metric([value], number)
    return metric


def _counter(name: str, about: str, label: str, values: Iterable[tuple[str, int]]) -> Metric:
    metric = CounterMetricFamily(f"moothall_{name}", about, labels=[label])
    for value, number in values:
        metric.add_metric([value], number)
    return metric
