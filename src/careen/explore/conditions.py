"""Conditions for experiments, as changes of a workload's run options."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from careen.model.runs.workload import RunOptions

USER = "12345"
UNREACHABLE = "192.0.2.1"
"""A name server that never answers: an address for documentation (RFC 5737)."""

TMP = "/tmp"  # noqa: S108 — in the container


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition; `change` returns the options under it, unchanged if they already have it."""

    id: str
    title: str
    change: Callable[[RunOptions], RunOptions]


def _variables(*words: str) -> Callable[[RunOptions], RunOptions]:
    return lambda options: replace(options, env=(*options.env, *words))


def _with_tmp(options: RunOptions) -> RunOptions:
    covered = any(item.partition(":")[0].rstrip("/") == TMP for item in options.tmpfs)
    covered = covered or any(TMP in item.split(":")[:2] for item in options.volumes)
    return options if covered else replace(options, tmpfs=(*options.tmpfs, TMP))


OTHER_USER = Condition(
    "other-user", "a user that the image does not know", lambda options: replace(options, user=USER)
)
READ_ONLY = Condition(
    "read-only", "a root that cannot be written", lambda options: replace(options, read_only=True)
)
READ_ONLY_TMP = Condition(
    "read-only-tmp",
    "a root that cannot be written, but for /tmp",
    lambda options: _with_tmp(replace(options, read_only=True)),
)
NO_NETWORK = Condition(
    "no-network",
    "no network but its own loopback",
    lambda options: replace(options, network="none"),
)
BROKEN_DNS = Condition(
    "broken-dns",
    "a name server that never answers",
    lambda options: replace(options, dns=(UNREACHABLE,)),
)
ZONE = Condition("time-zone", "another time zone", _variables("TZ=Asia/Kathmandu"))
LOCALE = Condition("locale", "another locale", _variables("LANG=de_DE.UTF-8", "LC_ALL=de_DE.UTF-8"))
LOCALE_C = Condition("locale-c", "the C locale", _variables("LANG=C", "LC_ALL=C"))
LOCALE_POSIX = Condition(
    "locale-posix", "the POSIX locale", _variables("LANG=POSIX", "LC_ALL=POSIX")
)


def processor(variables: tuple[str, ...]) -> Condition:
    """Return the condition of an old processor, for libraries that read the variables."""
    return Condition("processor", "a processor with few features", _variables(*variables))


def memory(limit: str) -> Condition:
    """Return the condition of little memory; `limit` is in docker's syntax."""
    return Condition(
        "low-memory",
        f"no more than {limit} of memory",
        lambda options: replace(options, memory=limit),
    )


def changed(options: RunOptions, conditions: Iterable[Condition]) -> RunOptions:
    """Return the options with all conditions applied in order."""
    for condition in conditions:
        options = condition.change(options)
    return options


def new_to(options: RunOptions, conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Return the conditions that the user's options do not already have."""
    return tuple(condition for condition in conditions if condition.change(options) != options)
