"""How old the lists of running containers are, in words."""

import datetime as dt
from collections.abc import Iterator, Mapping

from careen.formats.printable import printable_line
from careen.model.rfc3339 import parse_time

_SHOWN = 5


def list_ages(lists: Mapping[str, str], now: dt.datetime) -> Iterator[str]:
    """Yield one sentence with the oldest lists of clusters, none without a list."""
    if not lists:
        return
    oldest = sorted(lists.items(), key=lambda each: (each[1], each[0]))
    told = [f"{printable_line(cluster)} ({_age(seen, now)})" for cluster, seen in oldest[:_SHOWN]]
    more = f", and {len(lists) - _SHOWN:,} newer ones" if len(lists) > _SHOWN else ""
    yield f"what runs is known by lists of pods: {', '.join(told)}{more}"


def _age(seen: str, now: dt.datetime) -> str:
    written = parse_time(seen)
    if written is None:
        return "of unknown age"
    days = (now - written).days
    return f"{days:,} {'day' if days == 1 else 'days'} old" if days > 0 else "less than a day old"
