"""Print where this machine's apt gets a Debian release from, as one-line sources for mmdebstrap.

    python scripts/apt_sources.py trixie

Standard library only: the demo and the image are built before careen is installed.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path


def stanzas(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the package sources of this machine, in the fields of the deb822 form."""
    for path in sorted(folder.glob("sources.list.d/*.sources")):
        for block in re.split(r"\n\s*\n", path.read_text()):
            lines = [line for line in block.splitlines() if not line.startswith("#")]
            yield {
                name.lower(): value.strip()
                for name, _, value in (line.partition(":") for line in lines)
                if value
            }
    for path in (folder / "sources.list", *sorted(folder.glob("sources.list.d/*.list"))):
        for line in path.read_text().splitlines() if path.exists() else ():
            if found := re.match(r"deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)", line):
                options = dict(pair.partition("=")[::2] for pair in (found[1] or "").split())
                yield {
                    "types": "deb",
                    "uris": found[2],
                    "suites": found[3],
                    "components": found[4],
                    "signed-by": options.get("signed-by", ""),
                }


def sources(codename: str, folder: Path = Path("/etc/apt")) -> list[str]:
    """Return one-line sources for this machine's own release from network mirrors; local folders
    and third parties stay out.
    """
    lines: list[str] = []
    for stanza in stanzas(folder):
        if "deb" not in stanza.get("types", "").split() or stanza.get("enabled", "yes") == "no":
            continue
        signed = (
            f"[signed-by={stanza['signed-by']}] "
            if stanza.get("signed-by", "").startswith("/")
            else ""
        )
        for uri in stanza.get("uris", "").split():
            for suite in stanza.get("suites", "").split():
                if suite.split("-")[0] != codename or uri.startswith(("file:", "cdrom:")):
                    continue
                lines.append(f"deb {signed}{uri} {suite} {stanza.get('components', 'main')}")
    return lines


if __name__ == "__main__":
    print("\n".join(sources(sys.argv[1])))
