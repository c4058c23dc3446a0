"""Seconds from a new version in an archive to the promoted base image, and to the refusal of a
broken one, while the old image stays served.

    python -m bench.base_refresh [--rounds 3] [--json FILE]

Needs root, docker, mmdebstrap, dpkg-deb and gpg. The archive is made by this program and holds one
essential package with this machine's own dpkg, apt and shell; so these are seconds of careen and of
the package manager, without a mirror's network. The entry is `tests/support/tiny_catalog.py`. A
round is four passes of `careen base refresh`: with nothing to do, with a fix, with an update that
fails the entry's test, and with the fix of that. The status is 1 if a pass ends in another way than
it has to, or if a tag moves that must not. The figures are medians.
"""

import argparse
import json
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench._measured import CHECKOUT
from bench._room import room
from careen.tools.process import check, run
from tests.support.base_archive import BaseArchive, base_archive
from tests.support.tiny_catalog import CATALOG, greeter

LIMIT = 600.0
ROOM = 4_000_000_000  # a build wants 3 GiB
REPOSITORY = "careen-bench-bases"
NAME = f"{REPOSITORY}/tiny"


@dataclass
class Passes:
    """The passes over one entry, with their seconds by what they were for."""

    scratch: Path
    archive: BaseArchive
    seconds: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def __call__(self, what: str, action: str, status: int = 0) -> None:
        """Run one pass, which has to end with this action and status, and keep its seconds."""
        begin = time.monotonic()
        done = run(self._words(), timeout=LIMIT, cwd=str(CHECKOUT))
        self.seconds.setdefault(what, []).append(time.monotonic() - begin)
        if not done.stdout:
            raise SystemExit(f"{what}: {done.complaint}")
        (found,) = json.loads(done.text)["bases"]
        if (found["action"], done.status) != (action, status):
            self.wrong.append(f"{what}: {found['action']} ({done.status}): {found['detail']}")

    def holds(self, greeting: str) -> None:
        """Note it unless the tags that move lead to an image that greets so."""
        argv = ["docker", "run", "--rm", "--network", "none", f"{NAME}:13-compat"]
        said = check(argv, timeout=LIMIT, doing="asking the image").text.strip()
        if said != greeting:
            self.wrong.append(f"{NAME}:13-compat says {said!r} and not {greeting!r}")

    def _words(self) -> list[str]:
        words = ["base", "refresh", "tiny:trixie", "--catalog", str(self.scratch / "own.toml")]
        words += ["--repository", REPOSITORY, "--state", str(self.scratch / "state"), "--json"]
        words += ["--source", self.archive.line, "--source-key", str(self.archive.key)]
        words += ["--db", str(self.scratch / "none.db"), "--work-dir", str(self.scratch / "work")]
        return [sys.executable, "-m", "careen", *words]


def passes(scratch: Path, rounds: int) -> Passes:
    """Run all rounds."""
    (scratch / "own.toml").write_text(CATALOG)
    out = Passes(scratch, base_archive(scratch / "archive"))
    out.archive.offer([greeter("1.0")])
    out("the first build", "promoted")
    for number in range(1, rounds + 1):
        out("nothing to do", "unchanged")
        out.archive.offer([greeter(f"1.{number}.1")])
        out("a fix", "promoted")
        out.holds(f"hello 1.{number}.1")
        out.archive.offer([greeter(f"1.{number}.2", says="broken")])
        out("a broken update", "held back", 3)
        out.holds(f"hello 1.{number}.1")
        out.archive.offer([greeter(f"1.{number}.3")])
        out("the fix of it", "promoted")
        out.holds(f"hello 1.{number}.3")
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with room(ROOM) as scratch:
        try:
            done = passes(scratch, options.rounds)
        finally:
            _remove()
    medians = {what: statistics.median(each) for what, each in done.seconds.items()}
    figures: dict[str, Any] = {"rounds": options.rounds, "seconds": medians, "all": done.seconds}
    for what, seconds in medians.items():
        print(f"{what:16} {seconds:6.1f} s  ({len(done.seconds[what])} passes)")
    for line in done.wrong:
        print(f"wrong: {line}")
    if options.json is not None:
        options.json.write_text(json.dumps({**figures, "wrong": done.wrong}, indent=2) + "\n")
    return 1 if done.wrong else 0


def _remove() -> None:
    listed = run(["docker", "images", NAME, "--format", "{{.Repository}}:{{.Tag}}"], timeout=LIMIT)
    if names := listed.text.split():
        run(["docker", "image", "rm", *names], timeout=LIMIT)


if __name__ == "__main__":
    sys.exit(main())
