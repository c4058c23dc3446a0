"""apt with its own state on the sandbox, run in the image or in a tooling container."""

import re
from collections.abc import Mapping, Sequence

from careen.errors import ToolError
from careen.model.patching import PatchChoices
from careen.model.runs.engine import CommandResult
from careen.oci.tree.rootfs import Rootfs
from careen.patch.certificates import put_image_bundle
from careen.patch.credentials import without_credentials
from careen.patch.deb.apt.environment import QUIET
from careen.patch.deb.apt.errors import install_failure, mirror_failure
from careen.patch.deb.apt.output import (
    Simulation,
    Table,
    read_policy,
    read_releases,
    read_simulation,
)
from careen.patch.deb.apt.sources import Sources, given_sources, own_sources
from careen.patch.deb.dpkg.installed import DebPackage, parse_paragraphs
from careen.patch.sandbox import LONG, Sandbox

UPDATE_SECONDS = 300.0
_ASKED = 200
_WARNED = re.compile(
    r"^(?:W: (?!Target |Unable to read|Download is performed|.*(?:deprecat|will be removed|Policy"
    r" will reject|legacy))|E: |Err:)",
    re.MULTILINE,
)

_FIXED = (
    # The sandbox belongs to root, and not every engine's container can change users.
    "APT::Sandbox::User=root",
    "APT::Update::Error-Mode=any",
    "APT::Get::AllowUnauthenticated=false",
    "APT::Get::allow-downgrades=false",
    "APT::Get::allow-remove-essential=false",
    "APT::Get::allow-change-held-packages=false",
    # Otherwise the machine's id decides which versions are on offer.
    "APT::Get::Always-Include-Phased-Updates=true",
    "APT::Install-Recommends=false",
    "APT::Install-Suggests=false",
    "APT::Color=0",
    "Acquire::AllowInsecureRepositories=false",
    "Acquire::AllowWeakRepositories=false",
    "Acquire::AllowDowngradeToInsecureRepositories=false",
    "Acquire::Check-Date=true",
    "Acquire::Languages=none",
    "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false",
    "Acquire::IndexTargets::deb-src::Sources::DefaultEnabled=false",
    "Acquire::Retries=1",
    "Acquire::http::Timeout=15",
    "Acquire::https::Timeout=15",
    "Acquire::ftp::Timeout=15",
    "Dpkg::Use-Pty=0",
    "Binary::apt::APT::Keep-Downloaded-Packages=false",
)


def _proxies(sandbox: Sandbox) -> Sequence[str]:
    """Return the sandbox's proxies as apt options."""
    # apt prefers the image's configuration to the environment.
    said = {scheme: sandbox.environment.get(f"{scheme}_proxy", "") for scheme in ("http", "https")}
    return [f"Acquire::{scheme}::Proxy={url}" for scheme, url in said.items() if url]


class AptSession:
    """apt with lists, cache and log on the sandbox, and only signed sources.

    `extra` are additional options (`Name=value`).
    """

    def __init__(
        self,
        sandbox: Sandbox,
        choices: PatchChoices,
        rootfs: Rootfs,
        *,
        place: str,
        in_tooling: bool = False,
        extra: Sequence[str] = (),
    ) -> None:
        self._sandbox = sandbox
        self._in_tooling = in_tooling
        self._place = place
        self.inside = sandbox.directory(place)
        for name in ("lists/partial", "lists/auxfiles", "cache/archives/partial", "log"):
            sandbox.directory(f"{place}/{name}")
        self.sources: Sources = (
            given_sources(choices.sources, choices.keys, sandbox, place, in_tooling=in_tooling)
            if choices.sources
            else own_sources(sandbox, place, in_tooling=in_tooling)
        )
        options = [*_FIXED, *_proxies(sandbox), *self._places(), *self.sources.options, *extra]
        if choices.certificates:
            options.append(
                f"Acquire::https::CAInfo={put_image_bundle(sandbox, rootfs, choices.certificates)}"
            )
        self.options = tuple(word for option in options for word in ("-o", option))

    def _places(self) -> tuple[str, ...]:
        state = self.inside
        return (
            f"Dir::State::lists={state}/lists",
            f"Dir::Cache={state}/cache",
            f"Dir::Cache::archives={state}/cache/archives",
            f"Dir::Cache::pkgcache={state}/cache/pkgcache.bin",
            f"Dir::Cache::srcpkgcache={state}/cache/srcpkgcache.bin",
            f"Dir::Log={state}/log",
        )

    def run(self, argv: Sequence[str], *, doing: str, timeout: float = 120.0) -> CommandResult:
        """Run one of apt's programs with the session's options; the exit status is not checked."""
        program, *words = argv
        return self._sandbox.run(
            (program, *self.options, *words),
            doing=doing,
            timeout=timeout,
            env=QUIET,
            check=False,
            in_tooling=self._in_tooling,
        )

    def update(self) -> None:
        """Fetch the package lists and verify their signatures, once per sandbox directory.

        Raises ToolError that names the mirror and what to do.
        """
        done = f"{self._place}/updated"
        if self._sandbox.take(done, 1) is not None:
            return
        try:
            result = self.run(
                ("apt-get", "update"), doing="reading the package lists", timeout=UPDATE_SECONDS
            )
        except ToolError as error:
            named = ", ".join(without_credentials(uri) for uri in self.sources.uris)
            msg = (
                f"{error} ({named}): the mirror does not answer in time; name another with --source"
            )
            raise ToolError(msg) from error
        if result.status != 0 or _WARNED.search(result.output):
            raise ToolError(mirror_failure(result.output, self.sources.uris))
        self._sandbox.put(done, b"")

    def architecture(self) -> str:
        """Return dpkg's native architecture, "" if dpkg does not run."""
        done = self._sandbox.run(
            ("dpkg", "--print-architecture"),
            doing="asking dpkg",
            env=QUIET,
            check=False,
            in_tooling=self._in_tooling,
        )
        words = done.output.split()
        return words[0] if done.status == 0 and len(words) == 1 else ""

    def broken(self) -> str:
        """Return what `apt-get check` reports about the installed packages, "" for nothing."""
        done = self.run(("apt-get", "check"), doing="checking the installed packages")
        return read_simulation(done.status, done.output).problem

    def policy(self, names: Sequence[str]) -> Mapping[str, Table]:
        """Return the version tables of packages, by the names that apt uses."""
        out: dict[str, Table] = {}
        for at in range(0, len(names), _ASKED):
            done = self.run(
                ("apt-cache", "policy", "--", *names[at : at + _ASKED]),
                doing="asking apt for candidates",
            )
            if done.status != 0:
                msg = f"asking apt for candidates: {install_failure(done.output)}"
                raise ToolError(msg)
            out.update(read_policy(done.output))
        return out

    def show(
        self, versions: Sequence[tuple[str, str]]
    ) -> Mapping[tuple[str, str, str], DebPackage]:
        """Return the control fields of (name as apt writes it, version) pairs.

        The keys are name, architecture and version. Versions that apt does not know are missing.
        """
        out: dict[tuple[str, str, str], DebPackage] = {}
        for at in range(0, len(versions), _ASKED):
            asked = [f"{name}={version}" for name, version in versions[at : at + _ASKED]]
            done = self.run(("apt-cache", "show", "--", *asked), doing="asking apt about versions")
            for package in parse_paragraphs(
                "".join(
                    f"{line}\n"
                    for line in done.output.split("\n")
                    if not line.startswith(("N: ", "W: ", "E: "))
                )
            ):
                known = out.get((*package.key, package.version))
                if known is None or not known.get(
                    "SHA256"
                ):  # the installed one's paragraph, from dpkg's status, has no digest
                    out[*package.key, package.version] = package
        return out

    def releases(self) -> Mapping[str, tuple[str, str]]:
        """Return origin and codename of each index (`URI SUITE/COMPONENT`), "" where not stated."""
        done = self.run(("apt-cache", "policy"), doing="asking apt for its sources")
        return read_releases(done.output)

    def simulate(self, words: Sequence[str]) -> Simulation:
        """Simulate the installation of packages given as `name=version`."""
        done = self.run(
            ("apt-get", "-s", "install", "-y", "--no-install-recommends", "--", *words),
            doing="asking apt what an upgrade pulls along",
        )
        return read_simulation(done.status, done.output)

    def install(self, words: Sequence[str]) -> None:
        """Install exactly these packages (`name=version`).

        Raises ToolError with the failing package and its script's last output.
        """
        dpkg = [
            f"--log={self.inside}/log/dpkg.log",
            "--force-confold",
            "--force-confdef",
            "--force-unsafe-io",
        ]
        options = [word for option in dpkg for word in ("-o", f"Dpkg::Options::={option}")]
        argv = (
            "apt-get",
            *options,
            "install",
            "-y",
            "--no-remove",
            "--no-install-recommends",
            "--",
            *words,
        )
        done = self.run(argv, doing="installing upgrades with apt", timeout=LONG)
        if done.status != 0:
            msg = f"installing upgrades with apt: {self.failure(done.output)}"
            raise ToolError(msg)

    def failure(self, output: str) -> str:
        """Return why apt failed, by its output."""
        if "Failed to fetch" in output or "Unable to fetch some archives" in output:
            return mirror_failure(output, self.sources.uris).replace(
                "reading the package lists of", "fetching packages from", 1
            )
        return install_failure(output)
