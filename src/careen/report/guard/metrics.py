"""Metrics of a guard in Prometheus' text format, for the textfile collector of node_exporter."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from careen.model.runs.drift import Drift, DriftKind

Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True, slots=True)
class Watched:
    """The labels of a watch and its times, in seconds since 1970; `up`: it goes on."""

    container: str
    image: str
    started: float
    read: float
    up: bool


def metrics(watched: Watched, drift: Drift) -> bytes:
    """Return the whole document."""
    labels = {"container": watched.container, "image": watched.image}
    numbers = Counter(each.deviation.kind for each in drift.counted)
    compared = {kind: float(kind not in drift.not_compared) for kind in DriftKind}
    families: tuple[tuple[str, str, str, list[Sample]], ...] = (
        ("up", "gauge", "Whether the guard watches.", [({}, float(watched.up))]),
        ("start_time_seconds", "gauge", "When the watch began.", [({}, watched.started)]),
        ("last_read_time_seconds", "gauge", "When the sensor was read last.", [({}, watched.read)]),
        (
            "deviations",
            "gauge",
            "Distinct things that deviate from the RBOM or the plan.",
            [({"kind": kind.value}, float(numbers[kind])) for kind in DriftKind],
        ),
        (
            "unlisted_total",
            "counter",
            "Sights of deviations that were not kept, because there was no room.",
            [({"kind": kind.value}, float(drift.unlisted.get(kind, 0))) for kind in DriftKind],
        ),
        (
            "compared",
            "gauge",
            "Whether deviations of a kind can be seen with this RBOM and plan.",
            [({"kind": kind.value}, value) for kind, value in compared.items()],
        ),
        (
            "lost_events_total",
            "counter",
            "Events that the sensor lost, by reason.",
            [({"reason": name}, float(count)) for name, count in sorted(drift.losses.items())],
        ),
    )
    text = "".join(
        line
        for name, kind, about, samples in families
        for line in _family(f"careen_guard_{name}", kind, about, labels, samples)
    )
    return text.encode("utf-8", "backslashreplace")


def _family(
    name: str, kind: str, about: str, labels: Mapping[str, str], samples: list[Sample]
) -> Iterator[str]:
    yield f"# HELP {name} {about}\n# TYPE {name} {kind}\n"
    for own, value in samples:
        written = ",".join(f'{key}="{_escaped(text)}"' for key, text in {**labels, **own}.items())
        yield f"{name}{{{written}}} {value:.{3 if value % 1 else 0}f}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
