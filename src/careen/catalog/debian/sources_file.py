"""apt's sources in an image: those of the build, without credentials, as upstream writes them."""

import re
from collections.abc import Sequence

PATH = "/etc/apt/sources.list.d/debian.sources"
_LINE = re.compile(r"deb(?: \[([^\]\n]{0,2000})\])? (\S+) (\S+) ([^\n]+)")


def sources_file(lines: Sequence[str], keyring: str) -> bytes:
    """Return the sources in deb822 form, signed by the image's own `keyring`.

    Sources of this machine alone (files, loopback) are left out.
    """
    stanzas: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is None or _is_local(found[2]):
            continue
        stanzas.setdefault((found[2], found[4]), []).append(found[3])
    out = [
        f"Types: deb\nURIs: {uri}\nSuites: {' '.join(suites)}\nComponents: {components}\n"
        f"Signed-By: {keyring}\n"
        for (uri, components), suites in stanzas.items()
    ]
    return "\n".join(out).encode()


def _is_local(uri: str) -> bool:
    return uri.startswith(("file:", "copy:", "cdrom:")) or bool(
        re.match(r"[a-z+]{1,10}://(?:localhost|127\.|\[::1\])", uri)
    )
