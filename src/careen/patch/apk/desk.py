"""Command line of apk, for the image's root or a root in the tooling container.

Cache, keys and repositories are kept on the sandbox.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.errors import InputError, ToolError
from careen.model.patching import PatchChoices
from careen.model.runs.engine import CommandResult
from careen.oci.tree.rootfs import Rootfs
from careen.patch.apk.words import complaints
from careen.patch.distribution.repositories import clean, trust, urls
from careen.patch.sandbox import LONG, SHORT, Sandbox

KEYS = ("/etc/apk/keys", "/usr/share/apk/keys")
_MAX_KEY = 64 << 10
_MAX_KEYS = 256
_VERSION = re.compile(r"apk-tools ([0-9]+)\.")
_SHOWN = 300
_MAX_CACHED = 100_000  # packages and indexes; a release has some 25,000 packages


@dataclass(frozen=True, slots=True)
class ManagerCommand:
    """Prepared call of apk: the sandbox, the leading words of the command, and the environment."""

    sandbox: Sandbox
    words: tuple[str, ...]
    env: Mapping[str, str]
    in_tooling: bool = False

    def run(
        self, command: Sequence[str], *, doing: str, long: bool = False, check: bool = True
    ) -> CommandResult:
        """Run `apk … command`.

        Raises ToolError on a timeout and, with `check`, if the exit status is not 0.
        """
        timeout = LONG if long else SHORT
        try:
            done = self.sandbox.run(
                (*self.words, *command),
                doing=doing,
                timeout=timeout,
                env=self.env,
                check=False,
                in_tooling=self.in_tooling,
            )
        except ToolError as error:
            msg = f"{error}; if a repository does not answer, name one that does with --source"
            raise ToolError(msg) from error
        if check and done.status != 0:
            lines = [line.strip() for line in done.output.splitlines() if line.strip()]
            told = [line for line in lines if line.startswith(("ERROR", "WARNING"))] or lines[-3:]
            msg = f"{doing}: apk ended with {done.status}: {clean(' | '.join(told))[:_SHOWN]}"
            raise ToolError(msg)
        return done

    def is_fetched(self) -> bool:
        """Return whether the indexes were fetched before, so that the plan's indexes are used."""
        return any(
            name.startswith("APKINDEX.") for name in self.sandbox.names("apk/cache", _MAX_CACHED)
        )

    def update(self) -> None:
        """Fetch the indexes.

        Raises ToolError for a repository that does not answer or whose index has no trusted
        signature.
        """
        done = self.run(
            ("update",), doing="asking apk's repositories for what they offer", check=False
        )
        # apk itself only warns and goes on without the repository.
        told = complaints(done.output)
        if told or done.status != 0:
            said = clean(" | ".join(told) or done.output.strip()[-_SHOWN:])[:_SHOWN]
            if "UNTRUSTED" in said or "trusted" in said.lower():
                todo = (
                    "its index is not signed by a key that is trusted: name the repository's key"
                    " with --source-key"
                )
            else:
                todo = "name one that answers with --source, or see that the network reaches it"
            msg = f"apk's repositories: {said or 'no answer'}; {todo}"
            raise ToolError(msg)

    def installed(self) -> frozenset[str]:
        """Return the `name-version` of every installed package."""
        done = self.run(("info", "-v"), doing="asking apk for what is installed")
        return frozenset(
            line.strip()
            for line in done.output.splitlines()
            if line.strip() and not line.startswith(("WARNING", "ERROR", "fetch "))
        )


def set_up(
    sandbox: Sandbox,
    rootfs: Rootfs,
    choices: PatchChoices,
    *,
    root: str = "",
    architecture: str = "",
) -> ManagerCommand:
    """Return apk prepared for the image, or for `root` in the tooling container.

    Signatures are always checked. Raises ToolError for an unknown version of apk, InputError for a
    source or key that cannot be used.
    """
    in_tooling = bool(root)
    told = sandbox.run(
        ("apk", "--version"), doing="asking for apk's version", in_tooling=in_tooling
    ).output
    read = _VERSION.search(told)
    if read is None:
        msg = f"asking for apk's version: expected 'apk-tools 2…' or later, got {told[:80]!r}"
        raise ToolError(msg)
    sandbox.directory("apk")
    cache = sandbox.directory("apk/cache")
    words = ["apk", "--no-progress", "--cache-dir", cache]
    words += ["--no-logfile"] * (int(read[1]) > 2)  # noqa: PLR2004 — the log came with apk 3
    words += ["--no-network"] * (not choices.online)
    if root:
        words += ["--root", root, *(("--arch", architecture) if architecture else ())]
    if choices.sources:
        words += [
            "--repositories-file",
            sandbox.put(
                "apk/repositories",
                "".join(f"{url}\n" for url in urls(choices.sources, "apk")).encode(),
            ),
        ]
    if choices.keys:
        keys = sandbox.directory("apk/keys")
        _write_keys(sandbox, "apk/keys", rootfs, choices.keys)
        words += ["--keys-dir", keys]
    return ManagerCommand(
        sandbox, tuple(words), trust(sandbox, rootfs, choices.certificates), in_tooling
    )


def _write_keys(sandbox: Sandbox, place: str, rootfs: Rootfs, named: Sequence[str]) -> None:
    """Write the image's keys and the named ones into one directory.

    Raises InputError for a file that is not a public key, or whose name the image uses for another.
    """
    # A signature refers to its key by file name.
    own: dict[str, bytes] = {}
    for directory in KEYS:
        entry = rootfs.find(directory)
        for path in rootfs.children(entry.path)[:_MAX_KEYS] if entry is not None else ():
            key = rootfs.find(path)
            if key is not None and key.is_file and key.size <= _MAX_KEY:
                own[path.rpartition("/")[2]] = rootfs.read(key.path, _MAX_KEY)
    for name in named:
        source = Path(name)
        try:
            content = source.read_bytes() if source.stat().st_size <= _MAX_KEY else b""
        except OSError as error:
            msg = f"--source-key {name}: {error.strerror}"
            raise InputError(msg) from error
        if b"PUBLIC KEY" not in content:
            msg = (
                f"--source-key {name}: expected a public key in PEM, as apk's /etc/apk/keys holds"
                " them"
            )
            raise InputError(msg)
        if own.get(source.name, content) != content:
            msg = (
                f"--source-key {name}: the image trusts another key of that name; give the file the"
                " name that signatures have"
            )
            raise InputError(msg)
        own[source.name] = content
    for file, content in own.items():
        sandbox.put(f"{place}/{file}", content)
