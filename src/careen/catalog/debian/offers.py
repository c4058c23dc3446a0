"""Which versions apt would install today, asked without installing anything."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from careen.catalog.debian.failures import failure
from careen.catalog.isolation import private, proxies, tied
from careen.catalog.port import PackageSources
from careen.errors import ToolError
from careen.tools.process import Finished, Program, run

APT_GET = Program(("apt-get",), "apt")
APT_CACHE = Program(("apt-cache",), "apt")
UPDATE_SECONDS = 600.0
POLICY_SECONDS = 120.0
_AT_ONCE = 500  # names in one call
_NAME = re.compile(r"([a-z0-9][a-z0-9+.-]{1,100})(?::[a-z0-9-]{1,30})?:")
_CANDIDATE = re.compile(r"  Candidate: (\S{1,200})")
_LOCAL = re.compile(r"\s(?:file|copy|cdrom):")
_FULL = re.compile(r"No space left on device")
_FOLDERS = ("state/lists/partial", "cache/archives/partial")


class Offers:
    """The offers of one set of sources; `folder` keeps the lists, so that a later question is
    answered without fetching what has not changed.
    """

    def __init__(self, folder: Path, sources: PackageSources, architecture: str) -> None:
        self._folder = folder
        self._sources = sources
        self._architecture = architecture

    def update(self) -> None:
        """Fetch and verify the package lists. Raises ToolError with the cause."""
        for name in _FOLDERS:
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        (self._folder / "status").write_bytes(b"")
        # both may hold a password; apt reads them before it drops its rights
        private(self._folder / "sources.list", self._sources.lines)
        private(self._folder / "apt.conf", [self._configuration()])
        done = self._run([APT_GET.require(), "-q", "update"], UPDATE_SECONDS)
        if done.status is None:
            msg = f"asking for new packages: apt-get did not finish in {UPDATE_SECONDS:g} s"
            raise ToolError(msg)
        if done.status != 0:
            raise self._failed(done)

    def candidates(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return the version that apt would install of each package, "" for none.

        Raises ToolError.
        """
        wanted = sorted(set(names))
        out = dict.fromkeys(wanted, "")
        for start in range(0, len(wanted), _AT_ONCE):
            argv = [APT_CACHE.require(), "policy", *wanted[start : start + _AT_ONCE]]
            done = self._run(argv, POLICY_SECONDS)
            if done.status != 0:
                raise self._failed(done)
            out |= {key: value for key, value in parsed_candidates(done.text).items() if key in out}
        return out

    def close(self) -> None:
        """Remove the sources and settings, which may hold passwords; the lists stay."""
        for name in ("sources.list", "apt.conf"):
            (self._folder / name).unlink(missing_ok=True)

    def _failed(self, done: Finished) -> ToolError:
        said = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
        cause = failure(said)
        if _FULL.search(said):
            cause = f"the disk of {str(self._folder)!r} is full; free some room, or name another"
            cause += " place with --state"
        return ToolError(f"asking for new packages: {cause}")

    def _run(self, argv: list[str], seconds: float) -> Finished:
        env = {
            **proxies(),
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C.UTF-8",
            "APT_CONFIG": str(self._folder / "apt.conf"),
        }
        return run([*tied(), *argv], timeout=seconds, env=env)

    def _is_open(self) -> bool:
        """Return whether apt's own user, which fetches if root asks, reaches lists and sources."""
        here = self._folder.absolute()
        local = any(_LOCAL.search(line) for line in self._sources.lines)
        return not local and all(each.stat().st_mode & 0o001 for each in (here, *here.parents))

    def _configuration(self) -> str:
        here = self._folder.absolute()
        quoted = {
            "Dir::State": here / "state",
            "Dir::State::lists": here / "state/lists",
            "Dir::State::status": here / "status",
            "Dir::Cache": here / "cache",
            "Dir::Etc::SourceList": here / "sources.list",
            "APT::Architecture": self._architecture,
            "APT::Architectures": self._architecture,
            "Acquire::Languages": "none",
            "Acquire::Retries": "2",
            "Acquire::GzipIndexes": "true",
            "Dir::Cache::pkgcache": "",
            "Dir::Cache::srcpkgcache": "",
            # a list that could not be fetched is an error, not an old answer
            "APT::Update::Error-Mode": "any",
        }
        if not self._is_open():
            quoted["APT::Sandbox::User"] = "root"
        nothing = ("Main", "Parts", "SourceParts", "Preferences", "PreferencesParts")
        lines = [f'{key} "{value}";' for key, value in quoted.items()]
        lines += [f'Dir::Etc::{name} "/dev/null";' for name in nothing]
        return "\n".join((*lines, *self._sources.settings))


def parsed_candidates(text: str) -> dict[str, str]:
    """Return the candidate of each package in the output of `apt-cache policy`, "" for none."""
    out: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if found := _NAME.fullmatch(line):
            name = found[1]
        elif name and (candidate := _CANDIDATE.fullmatch(line)):
            out[name] = "" if candidate[1] == "(none)" else candidate[1]
    return out
