"""Package files of installed versions: what the archive lacks costs no other, and no patch."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import pytest

from careen.errors import ImageError, ToolError
from careen.model.runs.engine import CommandResult, Container
from careen.patch.deb.apt.session import AptSession
from careen.patch.deb.dpkg.archive import DebFile
from careen.patch.deb.dpkg.fetch import Fetcher
from careen.patch.deb.dpkg.installed import DebPackage, parse_paragraphs
from careen.patch.sandbox import INSIDE, Sandbox
from tests.support.deb_archive import deb_bytes

NAMES = ("damaged", "gone", "there")


def control(name: str) -> str:
    return f"Package: {name}\nVersion: 1\nArchitecture: all\n"


FILES = {name: deb_bytes(control(name), []) for name in NAMES}
LISTED: dict[str, DebPackage] = {
    name: package
    for name, data in FILES.items()
    for package in parse_paragraphs(f"{control(name)}SHA256: {hashlib.sha256(data).hexdigest()}\n")
}


class Apt:
    """Enough of a session and of a container: apt-get leaves what it gets, and fails if one is
    gone.
    """

    options = ()

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch

    def show(
        self, versions: Sequence[tuple[str, str]]
    ) -> Mapping[tuple[str, str, str], DebPackage]:
        found = [LISTED[name.partition(":")[0]] for name, _ in versions]
        return {(*package.key, package.version): package for package in found}

    def failure(self, output: str) -> str:
        return output

    def exec(
        self,
        argv: tuple[str, ...],
        timeout: float,  # noqa: ARG002
        *,
        env: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> CommandResult:
        place = self._scratch / argv[4].removeprefix(f"{INSIDE}/")
        names = [word.partition("=")[0].partition(":")[0] for word in argv[argv.index("--") + 1 :]]
        for name in names:
            if name != "gone":
                data = b"not a package" if name == "damaged" else FILES[name]
                (place / f"{name}_1_all.deb").write_bytes(data)
        return CommandResult(100, "404") if "gone" in names else CommandResult(0, "")


def fetcher(scratch: Path) -> Fetcher:
    apt = Apt(scratch)
    sandbox = Sandbox(cast("Container", apt), scratch, tooling=cast("Container", apt))
    debs: dict[str, DebFile] = {}
    return Fetcher(sandbox, cast("AptSession", apt), "apt", "amd64", debs)


@pytest.mark.parametrize("others", [(), ("gone",), ("damaged",), ("damaged", "gone")])
def test_an_old_file_that_is_gone_or_damaged_costs_no_other(
    tmp_path: Path, others: tuple[str, ...]
) -> None:
    found = fetcher(tmp_path).before([LISTED[name] for name in (*others, "there")])
    assert [(key, deb.paragraph.get("Package")) for key, deb in found.items()] == [
        (("there", "all"), "there")
    ]


def test_a_new_file_that_is_gone_or_damaged_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="fetching packages: 404"):
        fetcher(tmp_path).fetch([LISTED["gone"]])
    with pytest.raises(ImageError, match="damaged 1: its sha256 is"):
        fetcher(tmp_path).fetch([LISTED["damaged"]])
