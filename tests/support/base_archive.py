"""A signed archive that a whole root can be made of: one essential package with this machine's
own dpkg, apt and shell, and small packages that a test changes.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.apt_root import make_root
from tests.support.deb_archive import Deb, build_deb, make_key, write_archive

CODENAME = "trixie"
_ESSENTIAL = Deb("testbase", "1", {"Essential": "yes", "Priority": "required"})
_APT = Deb("apt", "1")
_OS = 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\nPRETTY_NAME="Debian of a test"\n'


@dataclass
class BaseArchive:
    """`folder` holds the archive and its key; `line` is its source."""

    folder: Path
    architecture: str = "amd64"
    codename: str = CODENAME
    fixed: list[tuple[Deb, Path]] = field(default_factory=list)

    @property
    def key(self) -> Path:
        return self.folder / "gpg" / "archive.asc"

    @property
    def place(self) -> Path:
        return self.folder / "archive"

    @property
    def line(self) -> str:
        return f"deb [arch={self.architecture}] copy:{self.place} {self.codename} main"

    def offer(self, debs: Sequence[Deb]) -> None:
        """Offer these packages beside those that every root needs, and sign the index again."""
        here = self.folder / "debs"
        new = [(deb, _built(deb, here)) for deb in debs]
        write_archive(
            self.place,
            [*self.fixed, *new],
            self.folder / "gpg",
            codename=self.codename,
            architecture=self.architecture,
        )


def _built(deb: Deb, folder: Path) -> Path:
    there = folder / f"{deb.name}_{deb.version}_{deb.architecture}.deb"
    return there if there.exists() else build_deb(deb, folder)


def base_archive(folder: Path, codename: str = CODENAME, os_release: str = _OS) -> BaseArchive:
    """Make the archive with its key, and the packages that every root needs."""
    debs, tree = folder / "debs", folder / "root"
    debs.mkdir(parents=True)
    make_root(tree)
    for name in ("dev", "tmp", "var/lib/dpkg", "var/lib/apt", "var/log"):
        subprocess.check_call(["rm", "-r", str(tree / name)])
    (tree / "etc/os-release").unlink(missing_ok=True)
    (tree / "etc/os-release").write_text(os_release)
    (tree / "etc/debian_version").unlink(missing_ok=True)
    (tree / "etc/debian_version").write_text("13.4\n")
    (tree / "DEBIAN").mkdir()
    fields = "".join(f"{key}: {value}\n" for key, value in _ESSENTIAL.fields.items())
    (tree / "DEBIAN/control").write_text(
        f"Package: {_ESSENTIAL.name}\nVersion: {_ESSENTIAL.version}\nArchitecture: all\n{fields}"
        "Maintainer: Nobody <nobody@example.org>\nDescription: a root of a test\n"
    )
    whole = debs / "testbase_1_all.deb"
    subprocess.check_call(
        ["dpkg-deb", "--root-owner-group", "-Znone", "-b", str(tree), str(whole)],
        stdout=subprocess.DEVNULL,
    )
    subprocess.check_call(["rm", "-r", str(tree)])
    out = BaseArchive(folder, codename=codename)
    make_key(folder / "gpg")
    out.fixed = [(_ESSENTIAL, whole), (_APT, build_deb(_APT, debs))]
    return out
