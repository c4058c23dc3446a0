"""Containers that run in clusters."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunningContainer:
    """One container; `digest` (`sha256:…`) is "" if the cluster does not say it."""

    namespace: str
    pod: str
    container: str
    name: str
    digest: str
