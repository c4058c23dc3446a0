"""A repository of signed rpms that a whole root like UBI's can be made of: the names of its entries,
with this machine's C library, shell and rpm, made by rpmbuild, createrepo_c and gpg.
"""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from careen.tools.process import check
from tests.support.deb_archive import make_key

LIMIT = 120.0
_HEAD = """Name: testbase
Version: 1
Release: 1
Summary: packages of a test
License: MIT
AutoReqProv: no
%description
x
"""
_PART = """
%package -n {name}
Version: {version}
Release: 1.el{release}
Summary: a package of a test
AutoReqProv: no
Provides: {name}-of-test
{more}
%description -n {name}
x
%files -n {name}
{files}
"""
_GREETER = """Name: greeter
Version: {version}
Release: 1
Summary: a package of a test
License: MIT
BuildArch: noarch
AutoReqProv: no
%description
x
%install
mkdir -p %{{buildroot}}/usr/bin
printf '#!/bin/sh\necho hello {version}\n' >%{{buildroot}}/usr/bin/greet
chmod 755 %{{buildroot}}/usr/bin/greet
%files
/usr/bin/greet
"""
_OS = 'NAME="Red Hat of a test"\\nID="rhel"\\nVERSION_ID="{release}.4"\\n'
_INSTALL = """%install
mkdir -p %{buildroot} && cd %{buildroot}
mkdir -p usr/bin usr/lib usr/lib64 usr/sbin usr/share/zoneinfo etc/pki/ca-trust/extracted/pem
mkdir -p etc/yum.repos.d var/lib var/tmp var/cache tmp root home dev proc sys run opt
ln -s usr/bin bin; ln -s usr/lib lib; ln -s usr/lib64 lib64; ln -s usr/sbin sbin
ln -s ../lib64 usr/lib/%{_triplet}
printf 'root:x:0:0:root:/root:/bin/bash\\n' >etc/passwd
printf 'root:x:0:\\n' >etc/group
printf '@OS@' >usr/lib/os-release; ln -s ../usr/lib/os-release etc/os-release
cp -L @LOADER@ @LIBC@ @MORE@ usr/lib64/
cp -L /bin/dash usr/bin/bash; ln -s bash usr/bin/sh
cp -L /bin/sleep /bin/true usr/bin/
echo TZif >usr/share/zoneinfo/UTC
echo '-----BEGIN CERTIFICATE-----' >etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem
cp -L /bin/true usr/bin/microdnf; cp -L /usr/bin/rpm /usr/bin/rpmkeys usr/bin/
mkdir usr/lib/rpm; cp /usr/lib/rpm/rpmrc /usr/lib/rpm/macros usr/lib/rpm/
chmod 1777 tmp var/tmp
"""
_PLACES = """/bin
/sbin
/lib
/lib64
/usr/lib/%{_triplet}
/tmp
/var/tmp
/root
/home
/run
/opt
/var/cache
%dir /etc
%dir /usr/bin
%dir /usr/lib
%dir /usr/lib64
%dir /usr/sbin
%dir /var/lib
%dir /etc/yum.repos.d"""
_SCRIPT = """Requires: /bin/sh
Requires(post): bash
%post -n ca-certificates
echo made </dev/null >/etc/made-by-a-script"""
_PARTS: Mapping[str, tuple[str, str]] = {
    "filesystem": ("", _PLACES),
    "setup": ("Requires: filesystem", "/etc/passwd\n/etc/group"),
    "redhat-release": ("Requires: filesystem", "/usr/lib/os-release\n/etc/os-release"),
    "glibc": ("Requires: filesystem", "/usr/lib64/*.so*"),
    "glibc-minimal-langpack": ("Requires: glibc", ""),
    "bash": ("Requires: glibc\nProvides: /bin/sh", "/usr/bin/bash\n/usr/bin/sh"),
    "coreutils-single": ("Requires: glibc", "/usr/bin/sleep\n/usr/bin/true"),
    "tzdata": ("", "/usr/share/zoneinfo/UTC"),
    "ca-certificates": (_SCRIPT, "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
    "rpm": ("Requires: glibc", "/usr/bin/rpm\n/usr/bin/rpmkeys\n/usr/lib/rpm"),
    "microdnf": ("Requires: rpm", "/usr/bin/microdnf"),
    **dict.fromkeys(("gcc", "gcc-c++", "glibc-devel", "make"), ("", "")),
}


@dataclass
class RpmArchive:
    """`place` is the repository, `key` the file of the public key that signs its packages."""

    folder: Path
    release: str = "9"
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> Path:
        return self.folder / "repository"

    @property
    def key(self) -> Path:
        return self.folder / "gpg" / "archive.asc"

    @property
    def line(self) -> str:
        return f"file://{self.place}"

    def write(self, *, signed: bool = True) -> None:
        """Build all packages, sign them, and describe them."""
        spec = self.folder / "testbase.spec"
        spec.write_text(self._spec())
        top = self.folder / "top"
        defined = {
            "_topdir": str(top),
            "_build_id_links": "none",
            "__os_install_post": "%{nil}",
            "_triplet": Path(_libraries()[1]).parent.name,  # of Debian: /lib/x86_64-linux-gnu
            "_binary_payload": "w1.gzdio",
        }
        words = [word for key, value in defined.items() for word in ("--define", f"{key} {value}")]
        check(["rpmbuild", "-bb", "--quiet", *words, str(spec)], timeout=LIMIT, doing="building")
        self.place.mkdir(exist_ok=True)
        found = sorted((top / "RPMS").rglob("*.rpm"))
        if signed:
            self.sign(found)
        for path in found:
            path.rename(self.place / path.name)
        shutil.rmtree(top)
        self.describe()

    def greeter(self, version: str, *, signed: bool = True) -> Path:
        """Build a package `greeter` with a program that says its version; return its file."""
        spec = self.folder / "greeter.spec"
        spec.write_text(_GREETER.format(version=version))
        top = self.folder / "top"
        argv = ["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {top}", str(spec)]
        check(argv, timeout=LIMIT, doing="building")
        (found,) = (top / "RPMS").rglob("*.rpm")
        if signed:
            self.sign([found])
        place = self.folder / ("extra" if signed else "unsigned")
        place.mkdir(exist_ok=True)
        found.rename(place / found.name)
        shutil.rmtree(top)
        return place / found.name

    def sign(self, found: list[Path]) -> None:
        home = self.folder / "gpg"
        defined = {"_gpg_path": str(home), "_gpg_name": "archive@example.org"}
        words = [word for key, value in defined.items() for word in ("--define", f"{key} {value}")]
        argv = ["rpmsign", *words, "--addsign", *map(str, found)]
        check(argv, timeout=LIMIT, doing="signing")
        subprocess.call(["gpgconf", "--homedir", str(home), "--kill", "all"])

    def describe(self) -> None:
        """Write repodata."""
        check(["createrepo_c", "-q", str(self.place)], timeout=LIMIT, doing="describing")

    def _spec(self) -> str:
        loader, libc, more = _libraries()
        install = _INSTALL.replace("@OS@", _OS.format(release=self.release))
        install = install.replace("@LOADER@", loader).replace("@LIBC@", libc)
        install = install.replace("@MORE@", " ".join(more))
        parts = [
            _PART.format(
                name=name,
                version=self.versions.get(name, "1"),
                release=self.release,
                more=_head(more),
                files=files,
            )
            + _scripts(more)
            for name, (more, files) in _PARTS.items()
        ]
        return _HEAD + install + "".join(parts)


def _head(more: str) -> str:
    return more.partition("%post")[0]


def _scripts(more: str) -> str:
    _, found, rest = more.partition("%post")
    return f"\n{found}{rest}\n" if found else ""


def _libraries() -> tuple[str, str, list[str]]:
    """Return the loader, the C library, and what else the copied programs need."""
    said = check(
        ["ldd", "/bin/dash", "/bin/sleep", "/usr/bin/rpm"], timeout=LIMIT, doing="asking ldd"
    ).text
    paths = sorted({word for word in said.split() if word.startswith("/lib")})
    loader = next(path for path in paths if "/ld-linux" in path)
    libc = next(path for path in paths if "/libc.so" in path)
    return loader, libc, [path for path in paths if path not in (loader, libc)]


def rpm_archive(folder: Path, release: str = "9") -> RpmArchive:
    """Make the repository with its key."""
    folder.mkdir(parents=True, exist_ok=True)
    out = RpmArchive(folder, release)
    make_key(folder / "gpg")
    out.write()
    return out
