"""Root file systems with packages that rpm or dnf installed, in each format of rpm's database."""

import sqlite3
import struct
from collections.abc import Mapping
from pathlib import Path

from careen.tools.process import check

LIMIT = 300.0
OS_RELEASE = 'ID="rhel"\nVERSION_ID="9.4"\n'

OPENSSL = """Name: openssl
Epoch: 1
Version: 3.0.7
Release: 27.el9
Summary: crypto
License: ASL 2.0
Vendor: Example, Inc.
%description
x
%package libs
Summary: libraries
Provides: bundled(zlib) = 1.2
%description libs
x
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/lib64 %{buildroot}/usr/share/licenses/openssl-libs %{buildroot}/var/log
echo x > %{buildroot}/usr/bin/openssl
echo x > %{buildroot}/usr/lib64/libssl.so.3.0.7
ln -s libssl.so.3.0.7 %{buildroot}/usr/lib64/libssl.so.3
echo x > %{buildroot}/usr/share/licenses/openssl-libs/LICENSE.txt
echo x > %{buildroot}/var/log/openssl.log
%files
/usr/bin/openssl
%ghost /var/log/openssl.log
%files libs
/usr/lib64/libssl*
%license /usr/share/licenses/openssl-libs/LICENSE.txt
"""
TOOL = """Name: tool-@N@
Version: 1.@N@~rc1
Release: 2%{?dist}
Summary: tool
License: MIT and (BSD or GPLv2+)
BuildArch: noarch
Requires: openssl-libs >= 1:3
Provides: thing(@N@) = 2
@EXTRA@
%description
x
%install
mkdir -p %{buildroot}/usr/share/tool-@N@
for i in $(seq 1 500); do echo $i > %{buildroot}/usr/share/tool-@N@/a-rather-long-name-of-a-file-$i; done
%files
/usr/share/tool-@N@
"""
TOOLS: Mapping[str, str] = {"a": "", "b": "ModularityLabel: tool:1:2024:abcd", "c": ""}


def build_rpms(where: Path) -> Path:
    """Build five packages from three specs with rpmbuild; return the directory that holds them."""
    specs = {
        "openssl": OPENSSL,
        **{
            f"tool-{name}": TOOL.replace("@N@", name).replace("@EXTRA@", extra)
            for name, extra in TOOLS.items()
        },
    }
    for name, text in specs.items():
        spec = where / f"{name}.spec"
        spec.write_text(text)
        check(
            [
                "rpmbuild",
                "-bb",
                "--quiet",
                "--define",
                f"_topdir {where}",
                "--define",
                "_build_id_links none",
                str(spec),
            ],
            timeout=LIMIT,
            doing="building an rpm",
        )
    packages = where / "repository"
    packages.mkdir()
    for path in (where / "RPMS").rglob("*.rpm"):
        path.rename(packages / path.name)
    return packages


def installed_by_rpm(packages: Path, root: Path, backend: str) -> None:
    """Install all packages below `root`, with rpm's database in one format."""
    (root / "etc").mkdir(parents=True)
    (root / "etc" / "os-release").write_text(OS_RELEASE)
    argv = [
        *rpm_at(root, backend),
        "-i",
        "--nosignature",
        "--nodeps",
        "--noscripts",
        *(str(path) for path in sorted(packages.glob("*.rpm"))),
    ]
    check(argv, timeout=LIMIT, doing="installing rpms")


def installed_by_dnf(packages: Path, root: Path, *names: str) -> None:
    """Install `names`, and what they need, from the packages as a repository."""
    (root / "etc").mkdir(parents=True)
    (root / "etc" / "os-release").write_text(OS_RELEASE)
    check(["createrepo_c", "-q", str(packages)], timeout=LIMIT, doing="making a repository")
    settings = (
        "reposdir=/nonexistent",
        "local.gpgcheck=0",
        f"cachedir={root.parent / 'cache'}",
        f"logdir={root.parent}",
    )
    argv = [
        "dnf",
        "-y",
        "-q",
        f"--installroot={root}",
        f"--repofrompath=local,file://{packages}",
        "--releasever=9",
        "--disableplugin=*",
    ]
    check(
        [*argv, *(f"--setopt={setting}" for setting in settings), "install", *names],
        timeout=LIMIT,
        doing="installing with dnf",
    )


def rpm_at(root: Path, backend: str) -> list[str]:
    """Return rpm's command line for a root and a format."""
    return [
        "rpm",
        "--root",
        str(root),
        "--define",
        f"_db_backend {backend}",
        "--dbpath",
        "/var/lib/rpm",
    ]


def as_berkeley_db(root: Path) -> None:
    """Make the SQLite database below `root` one of Berkeley DB, written by libdb itself."""
    source = root / "var/lib/rpm/rpmdb.sqlite"
    database = sqlite3.connect(source)
    rows = database.execute("SELECT hnum, blob FROM Packages").fetchall()
    database.close()
    items = [(0, struct.pack("<I", len(rows) + 1)), *rows]
    lines = ["VERSION=3", "format=bytevalue", "type=hash", "db_pagesize=4096", "HEADER=END"]
    lines += [
        f" {text}"
        for number, value in items
        for text in (struct.pack("<I", number).hex(), value.hex())
    ]
    dump = root.parent / "packages.dump"
    dump.write_text("\n".join([*lines, "DATA=END", ""]))
    check(
        ["db_load", "-f", str(dump), str(source.parent / "Packages")],
        timeout=LIMIT,
        doing="writing a Berkeley DB",
    )
    for path in source.parent.glob("rpmdb.sqlite*"):
        path.unlink()
