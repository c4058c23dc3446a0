"""`careen harden --fips` on images that it cannot add a provider to: one line, before anything runs."""

from pathlib import Path

import pytest

from careen.tools.process import check
from tests.support import crypto_images as made
from tests.support.careen_command import Careen
from tests.support.images import Item, file, layer, oci_layout
from tests.support.plans import elf as linked
from tests.support.rpms import package as rpm
from tests.support.rpms import sqlite_database

pytestmark = [pytest.mark.docker, pytest.mark.root, pytest.mark.bpf]

APK = (
    file("etc/os-release", 'ID=alpine\nVERSION_ID="3.23.6"\n'),
    file(
        "lib/apk/db/installed", "C:Q1x\nP:musl\nV:1-r0\nA:x86_64\nF:lib\nR:ld-musl-x86_64.so.1\n\n"
    ),
    file("lib/ld-musl-x86_64.so.1", "x", mode=0o755),
)
RPM = (
    file("etc/os-release", 'ID="rhel"\nVERSION_ID="9.4"\n'),
    file("var/lib/rpm/rpmdb.sqlite", sqlite_database([rpm("bash", "5.1", "1", arch="x86_64")])),
)
NO_APT = (
    "--fips: the image has no FIPS provider, and careen adds one by apt alone: the image has no"
    " Debian packages, but those of {}; add the distribution's own in the Dockerfile, or give"
    " OpenSSL's fips.so with --fips-module FILE"
)


def words(folder: Path, members: tuple[Item, ...], *more: str) -> tuple[str, ...]:
    image = oci_layout(folder / "image", [layer(*members)])
    run = ("--ready", "exit", "--test", "true", "-o", "./hardened.tar", "--report-dir", "report")
    return ("harden", f"oci:{image}", "--fips", *run, *more)


@pytest.mark.parametrize(("kind", "members"), [("apk", APK), ("rpm", RPM)])
def test_an_image_without_apt(tmp_path: Path, kind: str, members: tuple[Item, ...]) -> None:
    line = Careen(tmp_path).refused(*words(tmp_path, members))
    assert line == NO_APT.format(kind)
    assert not (tmp_path / "hardened.tar").exists()


def test_a_provider_for_another_c_library(tmp_path: Path) -> None:
    text = b"provider=fips,fips=yes\0OpenSSL FIPS Provider\0buildinfo\x003.1.2\0status\0"
    module = tmp_path / "fips.so"
    module.write_bytes(linked(("libc.so.6",), text=made.PADDING + text + made.PADDING))
    given = ("--fips-module", str(module), "--fips-cert", "4985")
    line = Careen(tmp_path).refused(*words(tmp_path, APK, *given))
    assert line.startswith(
        f"--fips-module '{module}': it is linked with libc.so.6, which the image"
    )
    assert line.endswith("; give a fips.so that is built for the image's C library")


@pytest.mark.apt
@pytest.mark.dpkg
def test_a_certificate_that_covers_another_version_than_debian_s(tmp_path: Path) -> None:
    download = ("sh", "-c", f"cd {tmp_path} && apt-get -qq download openssl-provider-fips")
    check(download, timeout=120, doing="downloading")
    deb = next(tmp_path.glob("*.deb"))
    check(("dpkg-deb", "-x", str(deb), str(tmp_path / "deb")), timeout=60, doing="unpacking")
    module = next((tmp_path / "deb").rglob("fips.so"))
    libc = file("usr/lib/x86_64-linux-gnu/libc.so.6", "x")
    given = ("--fips-module", str(module), "--fips-cert", "4985")
    line = Careen(tmp_path).refused(*words(tmp_path, (*RPM, libc), *given))
    assert line.startswith("--fips-cert 4985: it covers OpenSSL FIPS Provider 3.1.2, and the prov")
