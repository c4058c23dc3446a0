"""Names in the relationship fields of Debian packages (Debian policy, chapter 7)."""

import logging
import re

from debian.deb822 import PkgRelation

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.\-]*")

# The library logs a warning for every invalid relation; an image must not write to the terminal.
logging.getLogger("debian.deb822").addHandler(logging.NullHandler())


def relation_groups(text: str) -> tuple[str, ...]:
    """Return the groups of alternatives, each once, without versions and architectures.

    `libc6 (>= 2.38), libssl3 | libssl3t64 (>= 3)` gives `("libc6", "libssl3|libssl3t64")`. Invalid
    relations are ignored.
    """
    groups: dict[str, None] = {}
    # Blanks are collapsed because the library's regular expressions take quadratic time on them.
    for item in " ".join(text.split()).split(","):
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
