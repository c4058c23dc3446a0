"""An apt with an archive that a test writes: it answers as apt does, and runs nothing."""

import hashlib
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.patch.sandbox import INSIDE
from tests.support.deb_archive import deb_bytes
from tests.support.told import ToldContainer

URI = "http://mirror.example/debian"
SUITE = f"{URI} trixie/main"


@dataclass(frozen=True)
class Offered:
    """A version in the archive; `more` are fields of its control file."""

    name: str
    version: str
    files: Mapping[str, bytes]
    more: str = ""
    architecture: str = "amd64"
    scripts: Mapping[str, str] | None = None

    @property
    def control(self) -> str:
        return (
            f"Package: {self.name}\nVersion: {self.version}\nArchitecture:"
            f" {self.architecture}\n{self.more}Description: test\n"
        )

    def deb(self) -> bytes:
        members = []
        for path, data in self.files.items():
            info = tarfile.TarInfo(f".{path}")
            info.size, info.mode = len(data), 0o755
            members.append((info, data))
        return deb_bytes(self.control, members, self.scripts)

    def shown(self) -> str:
        return f"{self.control}SHA256: {hashlib.sha256(self.deb()).hexdigest()}\n"


class ToldApt:
    """The apt of a container, with its archive; `scratch` is the sandbox's directory.

    `pulls` maps a package to others that apt installs with it, `problems` to apt's words when it
    refuses, `removes` to what it would remove. `installed` are the versions by name.
    """

    def __init__(self, scratch: Path, *offered: Offered) -> None:
        self.scratch = scratch
        self.offered = list(offered)
        self.release = 'ID=debian\nVERSION_ID="13"\n'
        self.architecture = "amd64"
        self.uri = URI
        self.pulls: Mapping[str, Sequence[str]] = {}
        self.problems: Mapping[str, str] = {}
        self.removes: Mapping[str, str] = {}
        self.installed: dict[str, str] = {}
        self.said: Mapping[tuple[str, ...], tuple[int, str]] = {}
        self.container = ToldContainer(self.answer)

    def answer(self, argv: tuple[str, ...]) -> tuple[int | None, str]:
        words = argv[argv.index("--") + 1 :] if "--" in argv else ()
        for start, said in self.said.items():
            if argv[: len(start)] == start or (argv[0], argv[-1]) == start:
                return said
        if argv == ("cat", "/etc/os-release"):
            return 0, self.release
        if argv == ("dpkg", "--print-architecture"):
            return 0, f"{self.architecture}\n"
        if argv[-1] == "check" or argv == ("dpkg", "--audit"):
            return 0, ""
        if argv[0] in ("find", "rm") or (argv[0] == "sh" and argv[1].startswith(INSIDE)):
            return 0, ""
        if argv[0] == "sh" and "careen-source" in argv[2]:
            line = f"deb {self.uri} trixie main\n" if self.uri else ""
            return 0, f"#careen-source /etc/apt/sources.list\n{line}"
        if argv[0] == "apt-get" and argv[-1] == "update":
            return 0, ""
        if argv[0] == "apt-cache" and "policy" in argv:
            return 0, "".join(map(self._policy, words)) if words else ""
        if argv[0] == "apt-cache" and "show" in argv:
            return 0, "\n".join(each.shown() for each in self._named(words))
        if argv[0] == "sh" and "download" in argv:
            folder = self.scratch / argv[4].removeprefix(f"{INSIDE}/")
            for each in self._named(words):
                version = each.version.replace(":", "%3a")
                name = f"{each.name}_{version}_{each.architecture}.deb"
                (folder / name).write_bytes(each.deb())
            return 0, ""
        if argv[0] == "apt-get" and "install" in argv:
            return self._install(words, simulated="-s" in argv)
        if argv[0] == "dpkg-query":
            return 0, "".join(
                f"{word.partition(':')[0]}\t{self.architecture}\t{self.installed[word]}\tinstalled\n"
                for word in words
                if word in self.installed
            )
        raise AssertionError(argv)

    def _install(self, words: Sequence[str], *, simulated: bool) -> tuple[int, str]:
        steps = {name: version for name, _, version in (word.partition("=") for word in words)}
        for name in [*steps]:
            if name in self.problems:
                return 100, self.problems[name]
            for pulled in self.pulls.get(name, ()):
                steps.setdefault(pulled, max(each.version for each in self._of(pulled)))
        if not simulated:
            self.installed.update(steps)
        lines = [f"Remv {self.removes[name]} [1.0]\n" for name in steps if name in self.removes]
        for name, version in steps.items():
            old = f"[{self.installed[name]}] " if name in self.installed else ""
            lines.append(f"Inst {name} {old}({version} Debian:13/stable [{self.architecture}])\n")
        return 0, "".join(lines)

    def _policy(self, word: str) -> str:
        offers = sorted(each.version for each in self._of(word))
        table = "".join(
            f"     {version} 500\n        500 {SUITE} amd64 Packages\n" for version in offers
        )
        candidate = offers[-1] if offers else "(none)"
        return f"{word}:\n  Installed: (none)\n  Candidate: {candidate}\n  Version table:\n{table}"

    def _of(self, word: str) -> list[Offered]:
        name, _, architecture = word.partition(":")
        wanted = {architecture} if architecture else {self.architecture, "all"}
        return [each for each in self.offered if each.name == name and each.architecture in wanted]

    def _named(self, words: Sequence[str]) -> list[Offered]:
        return [
            each
            for word in words
            for name, _, version in [word.partition("=")]
            for each in self._of(name)
            if each.version == version
        ]
