"""Report of a repair for a terminal."""

from collections.abc import Iterable

from careen.model.plan import Plan
from careen.model.repair import Flaky, Restored, Round
from careen.oci.tree.rootfs import Rootfs
from careen.repair.would_keep import Alternative, keep_line, weight

SHOWN = 3
_UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))


def tell(rounds: Iterable[Round], flaky: Iterable[Flaky] = ()) -> list[str]:
    """Return a line for each flaky test and each round, then the options to keep the paths."""
    lines = [
        f"{_test(item)} is flaky: on the original it passed {item.passed} of {item.runs} times with"
        " the same image, so its failure counts for nothing"
        for item in flaky
    ]
    restored: list[Restored] = []
    for each in rounds:
        restored += each.restored
        shown = "; ".join(
            f"{item.path} ({item.why}; {_rule(item)})" for item in each.restored[:SHOWN]
        )
        more = f"; and {len(each.restored) - SHOWN} more" if len(each.restored) > SHOWN else ""
        ended = "passed" if each.passed else "still failed"
        lines.append(
            f"round {each.number}: restored {each.paths:,} paths ({_size(each.bytes)}), then"
            f" verification {ended}: {shown}{more}"
        )
    if restored:
        more = f" … ({len(restored) - SHOWN} more in verify.json)" if len(restored) > SHOWN else ""
        lines.append(
            f"to keep them next time: {keep_line(item.path for item in restored[:SHOWN])}{more}"
        )
    return lines


def smaller(repaired: Plan, alternatives: Iterable[Alternative], rootfs: Rootfs) -> tuple[str, ...]:
    """Return notes on wider levels that keep no more bytes than the repaired plan."""
    # They are the better choice, as they also keep what the tests do not need.
    left = weight(rootfs[path] for path in repaired.keep)
    found = (
        (other.level.value, weight(rootfs[path] for path in other.keep)) for other in alternatives
    )
    return tuple(
        f"after repair level {repaired.level.value} keeps {_size(left)}; level {level} by itself"
        f" keeps {_size(number)}, and foresees more than tests ask for"
        for level, number in found
        if number <= left
    )


def _rule(item: Restored) -> str:
    return (
        f"{item.rule} would have kept it"
        if item.rule.startswith(("level ", "without "))
        else "no level would have kept it"
    )


def _test(item: Flaky) -> str:
    return (
        f"workload {item.workload!r}: {item.test!r}" if item.test else f"workload {item.workload!r}"
    )


def _size(number: int) -> str:
    for unit, word in _UNITS:
        if number >= unit:
            return f"{number / unit:.1f} {word}"
    return f"{number} bytes"
