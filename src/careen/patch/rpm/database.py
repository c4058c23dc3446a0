"""Access to rpm's database through the rpm program."""

from collections.abc import Sequence
from dataclasses import dataclass

from careen.errors import ToolError
from careen.oci.tree.rootfs import Rootfs
from careen.patch.rpm.words import KEYS, Nevra, read_packages
from careen.patch.sandbox import LONG, Sandbox

FORMAT = r"%{NAME}|%{EPOCHNUM}|%{VERSION}|%{RELEASE}|%{ARCH}|\n"
_SIZE = "%{{lua:local f = io.open('{path}'); if f then print(f:seek('end')) else print(0) end}}"


@dataclass(frozen=True, slots=True)
class RpmDatabase:
    """rpm's database of the image, or of `root` in the tooling container."""

    sandbox: Sandbox
    root: str = ""

    def _rpm(self, *words: str, doing: str, check: bool = True, timeout: float = LONG) -> str:
        argv = ("rpm", *(("--root", self.root) if self.root else ()), *words)
        return self.sandbox.run(
            argv,
            doing=doing,
            timeout=timeout,
            env={"LC_ALL": "C"},
            check=check,
            in_tooling=bool(self.root),
        ).output

    def packages(self) -> frozenset[Nevra]:
        """Return the installed packages, without trusted keys.

        Raises ToolError if rpm lists none.
        """
        output = self._rpm("-qa", "--qf", FORMAT, doing="asking rpm for what is installed")
        # rpm lists its trusted keys as packages.
        found = frozenset(nevra for nevra, _ in read_packages(output) if nevra.name != KEYS)
        if not found:
            msg = (
                f"asking rpm for what is installed: it names no package: {output.strip()[-200:]!r}"
            )
            raise ToolError(msg)
        return found

    def keys(self) -> frozenset[str]:
        """Return the names of the keys that rpm trusts (`gpg-pubkey-…`)."""
        output = self._rpm("-qa", KEYS, doing="asking rpm for its keys")
        return frozenset(
            line.strip() for line in output.splitlines() if line.startswith(f"{KEYS}-")
        )

    def trust(self, keys: Sequence[str]) -> None:
        """Import key files, given as paths or URLs that rpm can read."""
        for key in keys:
            self._rpm("--import", key, doing=f"letting rpm trust {key.rpartition('/')[2]}")

    def forget(self, keys: frozenset[str]) -> None:
        """Remove keys that were imported for the upgrade."""
        for key in sorted(keys):
            self._rpm("-e", "--allmatches", key, doing="taking a key away again")

    def scripts(self, names: Sequence[str], form: str) -> tuple[str, ...]:
        """Return the scripts of packages, one per line of the query format."""
        output = (
            self._rpm("-q", "--qf", form, *names, doing="asking rpm for scripts") if names else ""
        )
        return tuple(sorted({line.strip() for line in output.splitlines() if "'s " in line}))

    def verify(self) -> None:
        """Raise ToolError unless rpm finds its database valid."""
        self._rpm("--verifydb", doing="checking rpm's database")

    def place(self, rootfs: Rootfs) -> str:
        """Return the database's directory in the image, links resolved."""
        told = self._rpm("--eval", "%{_dbpath}", doing="asking rpm where its database is").strip()
        return str(rootfs.walk(told).end) if told.startswith("/") else "/var/lib/rpm"

    def has_empty_wal(self, place: str) -> bool:
        """Return whether SQLite's write-ahead log is empty, so that the file is complete."""
        output = self._rpm(
            "--eval",
            _SIZE.format(path=f"{self.root}{place}/rpmdb.sqlite-wal"),
            doing="looking at rpm's database",
            check=False,
        )
        return output.strip() == "0"
