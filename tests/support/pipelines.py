"""A sample repository of `examples/`, and what changes in it between the runs of a pipeline."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.careen_command import Careen
from tests.support.feeds import KEV

CHECKOUT = Path(__file__).parents[2]
EXAMPLES = CHECKOUT / "examples"
_GIT = (
    "-c",
    "user.name=sample",
    "-c",
    "user.email=sample@example.org",
    "-c",
    "commit.gpgsign=false",
)


def advisories(*identifiers: str) -> dict[str, Any]:
    """Debian's tracker: these are open in Python, and one of the C library is resolved."""
    open_ = {"status": "open", "repositories": {"trixie": "3.13.5-2"}, "urgency": "low"}
    resolved = {**open_, "status": "resolved", "fixed_version": "0"}
    return {
        "glibc": {"CVE-2026-2001": {"releases": {"trixie": resolved}}},
        "python3.13": {each: {"releases": {"trixie": open_}} for each in identifiers},
    }


@dataclass(frozen=True)
class Sample:
    """A repository with the service of `examples/service`, in `folder/origin`.

    Each run works in a clone of its own, as on a fresh machine; `environment` has careen, a
    database of the test's and no cache but the one that the pipeline keeps.
    """

    folder: Path
    base: str
    image: str
    careen: Careen

    @property
    def origin(self) -> Path:
        return self.folder / "origin"

    def make(self, *parts: str) -> None:
        """Make the repository of the service and of parts of `examples/`."""
        for part in ("service", *parts):
            shutil.copytree(EXAMPLES / part, self.origin, dirs_exist_ok=True)
        for path in self.origin.rglob("*"):
            if path.is_file() and path.suffix in (".toml", ".yml", ".yaml", ".sh", ""):
                path.write_text(path.read_text().replace("service:build", self.image))
        self.git("init", "--quiet", "--initial-branch=main")
        self.push("first")

    def git(self, *words: str) -> None:
        """Run git in the repository."""
        argv = ["git", *_GIT, *words]
        subprocess.run(argv, cwd=self.origin, check=True, capture_output=True)  # noqa: TID251

    def push(self, subject: str) -> None:
        """Commit what is there."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", subject)

    def clone(self, number: int) -> Path:
        """Return a new checkout of the repository."""
        place = self.folder / f"run-{number}" / "checkout"
        argv = ["git", "clone", "--quiet", str(self.origin), str(place)]
        subprocess.run(argv, check=True, capture_output=True)  # noqa: TID251
        return place

    def checkout(self) -> Path:
        """Return the checkout that stays between runs, as the origin is now."""
        place = self.folder / "workspace"
        if not place.exists():
            argv = ["git", "clone", "--quiet", str(self.origin), str(place)]
            subprocess.run(argv, check=True, capture_output=True)  # noqa: TID251
        for words in (
            ("fetch", "--quiet", str(self.origin), "main"),
            ("reset", "--hard", "FETCH_HEAD"),
        ):
            argv = ["git", "-C", str(place), *words]
            subprocess.run(argv, check=True, capture_output=True)  # noqa: TID251
        return place

    def advise(self, *identifiers: str) -> None:
        """Make these the advisories."""
        feeds = self.folder / f"feeds-{len(identifiers)}"
        feeds.mkdir()
        (feeds / "kev").write_text(json.dumps(KEV))
        (feeds / "debian").write_text(json.dumps(advisories(*identifiers)))
        self.careen("db", "import", feeds, "-q")

    def change_application(self) -> None:
        """Change the service's code, and push it."""
        place = self.origin / "service.py"
        place.write_text(place.read_text().replace('"ready": True', '"ready": True, "version": 2'))
        self.push("another version")

    def explore_nothing(self) -> None:
        """Leave exploration out, and push it."""
        place = self.origin / "careen.toml"
        place.write_text('explore = "off"\n' + place.read_text())
        self.push("without exploration")

    def environment(self, number: int, programs: Path | None = None) -> Mapping[str, str]:
        """Return what a run has in its environment."""
        own = self.folder / f"run-{number}"
        path = [str(Path(sys.executable).parent), os.environ["PATH"]]
        return {
            "PATH": os.pathsep.join(([str(programs)] if programs else []) + path),
            "BASE": self.base,
            "CAREEN_UPDATE": "false",
            "CAREEN_DB": str(self.careen.folder / "advisories.db"),
            "CAREEN_CACHE": str(own / "cache"),
            "CAREEN_WORKDIR": str(own / "work"),
            "CAREEN_HISTORY": str(self.folder / "history"),
            "DOCKER_BUILDKIT": "1",
        }
