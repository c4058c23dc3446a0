"""Relationship fields of Debian packages (Debian policy, chapter 7), reduced to names."""

import re

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9+.\-]*)")


def relation_groups(text: str) -> tuple[str, ...]:
    """`libc6 (>= 2.38), libssl3 | libssl3t64 (>= 3)` → `("libc6", "libssl3|libssl3t64")`: versions and architectures dropped, each group once."""
    groups: dict[str, None] = {}
    for item in text.split(","):
        found = [match.group(1) for part in item.split("|") if (match := _NAME.match(part))]
        if found:
            groups["|".join(dict.fromkeys(found))] = None
    return tuple(groups)


def names(text: str) -> tuple[str, ...]:
    """Return the names of a relationship field without alternatives (`Provides`)."""
    return relation_groups(text.replace("|", ","))
