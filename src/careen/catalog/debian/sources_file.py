"""apt's sources in an image: those of the build, without credentials, as upstream writes them."""

import re
from collections.abc import Sequence

from careen.catalog.debian.named_keys import is_own
from careen.catalog.named_places import is_local

_LINE = re.compile(r"deb(?: \[([^\]\n]{0,2000})\])? (\S+) (\S+) ([^\n]+)")


def sources_file(lines: Sequence[str], keyring: str, own: re.Pattern[str]) -> bytes:
    """Return the sources in deb822 form, signed by the image's own `keyring`.

    Sources of this machine alone (files, loopback) are left out, and those that `left_out` names.
    """
    without = left_out(lines, own)
    stanzas: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is None or line in without or _is_local(found[2]):
            continue
        stanzas.setdefault((found[2], found[4]), []).append(found[3])
    out = [
        f"Types: deb\nURIs: {uri}\nSuites: {' '.join(suites)}\nComponents: {components}\n"
        f"Signed-By: {keyring}\n"
        for (uri, components), suites in stanzas.items()
    ]
    return "\n".join(out).encode()


def left_out(lines: Sequence[str], own: re.Pattern[str]) -> tuple[str, ...]:
    """Return the sources with another key than those in files that `own` matches, which the image's
    keyring holds.
    """
    return tuple(line for line in lines if _has_other_key(line, own))


def _has_other_key(line: str, own: re.Pattern[str]) -> bool:
    found = _LINE.fullmatch(line)
    options = (found[1] or "").split() if found is not None else []
    named = (x.partition("=")[2] for x in options if x.lower().startswith("signed-by="))
    return not all(is_own(key, own) for keys in named for key in keys.split(","))


def _is_local(uri: str) -> bool:
    return is_local(uri) or bool(re.match(r"[a-z+]{1,10}://(?:localhost|127\.|\[::1\])", uri))
