"""Prometheus metrics: HTTP latencies, WebSockets, halls, and the engine's counters."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from podium.hall.registry import Halls
from podium.hall.sessions import EngineDown
from podium.web.ports import Engine

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)

_ENGINE_COUNTERS: Mapping[str, str] = {
    "packets_in": "Datagrams received",
    "packets_out": "Datagrams sent",
    "bytes_out": "Bytes sent",
    "retransmitted": "Packets sent again on request",
    "dropped_slow": "Packets not sent to a viewer that was too slow",
    "rejected": "Datagrams that belong to nobody or failed authentication",
}
_ENGINE_GAUGES: Mapping[str, str] = {
    "publishers": "Publishing sessions",
    "viewers": "Viewing sessions",
    "legs": "Telephone calls",
}


class Metrics:
    """One registry per application."""

    def __init__(self, halls: Halls, engine: Engine, sockets: Callable[[], Mapping[str, int]]):
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "podium_http_request_seconds",
            "HTTP requests by route",
            ("method", "route", "status"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._registry.register(_Halls(halls))
        self._registry.register(_Engine(engine))
        self._registry.register(_Sockets(sockets))

    def measured(self, method: str, route: str, status: int, seconds: float) -> None:
        """``route`` is a template: it holds no token, and there are few of them."""
        known = method if method in _METHODS else "OTHER"
        self._requests.labels(known, route, str(status)).observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self._registry)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _Halls(Collector):
    def __init__(self, halls: Halls) -> None:
        self._halls = halls

    def collect(self) -> Iterator[Metric]:
        halls = self._halls.opened()
        states = [hall.state for hall in halls]
        phases = Tally(state.phase.value for state in states if state is not None)
        venues = Tally(
            venue.connection.value
            for state in states
            if state is not None
            for venue in state.venues.values()
        )
        yield _gauge("podium_conferences", "Open conferences by phase", "phase", phases)
        yield _gauge("podium_venues", "Venues of open conferences", "connection", venues)
        waiting = sum(hall.waiting for hall in halls)
        yield GaugeMetricFamily("podium_commands_waiting", "Commands in queues", value=waiting)
        stopped = sum(hall.stopped is not None for hall in halls)
        yield GaugeMetricFamily("podium_halls_stopped", "Halls stopped by a fault", value=stopped)


class _Sockets(Collector):
    def __init__(self, count: Callable[[], Mapping[str, int]]) -> None:
        self._count = count

    def collect(self) -> Iterator[Metric]:
        yield _gauge("podium_websockets", "WebSockets that follow", "kind", self._count())


class _Engine(Collector):
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        try:
            figures = self._engine.figures()
        except EngineDown:
            yield GaugeMetricFamily("podium_engine_up", "The engine answers", value=0)
            return
        yield GaugeMetricFamily("podium_engine_up", "The engine answers", value=1)
        for name, text in _ENGINE_COUNTERS.items():
            yield CounterMetricFamily(f"podium_engine_{name}", text, value=getattr(figures, name))
        for name, text in _ENGINE_GAUGES.items():
            yield GaugeMetricFamily(f"podium_engine_{name}", text, value=getattr(figures, name))
        threads = CounterMetricFamily(
            "podium_engine_thread_cpu_seconds", "CPU by thread", labels=("thread", "mode")
        )
        for thread, user, system in figures.threads:
            threads.add_metric((thread, "user"), user)
            threads.add_metric((thread, "system"), system)
        yield threads


def _gauge(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family
