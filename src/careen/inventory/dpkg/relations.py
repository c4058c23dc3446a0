"""Relationship fields of Debian packages (Debian policy, chapter 7), reduced to names."""

import logging
import re

from debian.deb822 import PkgRelation

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.\-]*")

# The library warns of every relation that it cannot parse; an image must not write to the terminal.
logging.getLogger("debian.deb822").addHandler(logging.NullHandler())


def relation_groups(text: str) -> tuple[str, ...]:
    """`libc6 (>= 2.38), libssl3 | libssl3t64 (>= 3)` → `("libc6", "libssl3|libssl3t64")`: versions
    and architectures dropped, each group once.

    What is no relation is passed over.
    """
    groups: dict[str, None] = {}
    for item in " ".join(text.split()).split(
        ","
    ):  # runs of blanks cost the library's expressions a quadratic time
        try:
            alternatives = [
                relation["name"]
                for group in PkgRelation.parse_relations(item)
                for relation in group
            ]
        except IndexError:  # `a [ ]`: brackets without an architecture
            continue
        found = [name for name in alternatives if _NAME.fullmatch(name)]
        if found:
            groups["|".join(dict.fromkeys(found))] = None
    return tuple(groups)


def names(text: str) -> tuple[str, ...]:
    """Return the names of a relationship field without alternatives (`Provides`)."""
    return relation_groups(text.replace("|", ","))
