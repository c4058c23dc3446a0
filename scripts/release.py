"""Write a release's version and its section of CHANGELOG.md, or check that both are there.

    python scripts/release.py 0.2.0 2026-11-30     writes what is missing, prints the notes

Standard library only. It prints the section of the version, which is the release's notes.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSION = re.compile(r"\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?")
STATED = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)
UNRELEASED = "## Unreleased"


def prepare(root: Path, version: str, date: str) -> str:
    """Write `version` into the package and its section into the change log; return the section.

    What is there already stays. Raises SystemExit with one line.
    """
    if not VERSION.fullmatch(version):
        raise SystemExit(f"release: a version is like 0.2.0 or 0.2.0rc1, got {version!r}")
    package, log = root / "src/careen/__init__.py", root / "CHANGELOG.md"
    text, changes = package.read_text(), log.read_text()
    heading = f"## {version} — "
    if heading not in changes:
        if not section(changes, UNRELEASED).strip():
            raise SystemExit("release: CHANGELOG.md has nothing under 'Unreleased'")
        changes = changes.replace(UNRELEASED, f"{UNRELEASED}\n\n{heading}{date}", 1)
        log.write_text(changes)
    package.write_text(STATED.sub(f'__version__ = "{version}"', text))
    return section(changes, heading).strip()


def section(changes: str, heading: str) -> str:
    """Return what stands between a heading of the second level and the next one."""
    _, _, rest = changes.partition(f"\n{heading}")
    return re.split(r"^## ", rest.partition("\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


if __name__ == "__main__":
    print(prepare(ROOT, *sys.argv[1:3]))
