"""FIPS mode with real OpenSSLs: Debian's, its provider, and the one inside the cryptography wheel.

A copy of OpenSSL fails open, fails closed, or is routed; what careen reads off the files is what
the copy does. Two copies that load one provider file do not work in one process, and those of
`careen harden --fips` do.
"""

import json
import secrets
import shutil
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from careen.cryptography.configuration import fips_module, with_fips
from careen.model.cryptography.module import Routing
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive
from careen.tools.process import check, run
from tests.support import crypto_images as made
from tests.support.careen_command import Careen

pytestmark = [pytest.mark.debian, pytest.mark.docker, pytest.mark.root, pytest.mark.bpf]

TESTS = Path(__file__).parents[1]
SERVICE = TESTS / "support" / "fips_service"
WHEEL = "/usr/local/lib/python3.13/dist-packages/cryptography/hazmat/bindings/_rust.abi3.so"
MODULES = "/usr/lib/x86_64-linux-gnu/ossl-modules"
CONF, MODULE_CONF = "/etc/ssl/openssl.cnf", "/etc/ssl/fipsmodule.cnf"
CASES: Mapping[str, tuple[Mapping[str, str], Routing, str]] = {
    "open": ({}, Routing.OPEN, "True True"),
    "closed": ({"OPENSSL_CONF": CONF}, Routing.CLOSED, "False False"),
    "routed": ({"OPENSSL_CONF": CONF, "OPENSSL_MODULES": MODULES}, Routing.ROUTED, "True False"),
}
"""Variables of an image whose system is in FIPS mode, and whether SHA-256 and MD5 work then."""

ASK = """
from cryptography.hazmat.primitives import hashes
def works(kind):
    try:
        hasher = hashes.Hash(kind())
        hasher.update(b"x")
        return bool(hasher.finalize())
    except BaseException:
        return False
print(works(hashes.SHA256), works(hashes.MD5))
"""
AFTER_PYTHONS = "import hashlib; hashlib.new('sha256', b'x')\n" + ASK
INSTALL = f"openssl fipsinstall -pedantic -out /tmp/m -module {MODULES}/fips.so >&2 && cat /tmp/m"


@pytest.fixture(scope="module")
def name(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the service's image, which has a wheel of this machine's package index."""
    folder = tmp_path_factory.mktemp("fips") / "service"
    shutil.copytree(SERVICE, folder)
    wanted = ("--only-binary", ":all:", "--python-version", "3.13", "--no-deps", "-q")
    pip = [sys.executable, "-m", "pip", "download", *wanted, "-d", str(folder / "wheels")]
    check([*pip, "cryptography", "cffi"], timeout=120, doing="downloading wheels")
    for wheel in (folder / "wheels").glob("*.whl"):
        with zipfile.ZipFile(wheel) as opened:
            opened.extractall(folder / "site")
    shutil.rmtree(folder / "wheels")
    tag = f"careen-test-{secrets.token_hex(6)}"
    script = str(TESTS / "cold" / "debian.sh")
    try:
        check([script, f"{tag}:plain", str(folder)], timeout=600, doing=f"building {tag}")
        yield tag
    finally:
        tags = [f"{tag}:{each}" for each in ("plain", "hardened", "fips")]
        run(["docker", "image", "rm", "--force", *tags], timeout=120)


def shell(image: str, *argv: str, variables: Mapping[str, str] | None = None) -> str:
    """Run a command on the image with these variables; return what it printed."""
    given = [word for key, value in (variables or {}).items() for word in ("-e", f"{key}={value}")]
    words = ["docker", "run", "--rm", "--network", "none", *given, image, *argv]
    return check(words, timeout=60, doing="asking the image").text.strip()


@pytest.mark.timeout(300)  # it waits for a build
def test_open_closed_and_routed_are_what_the_files_say(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "context"
    folder.mkdir()
    written = shell(f"{name}:plain", "sh", "-c", INSTALL)
    (line,) = (each for each in written.splitlines() if each.startswith("module-mac = "))
    assert fips_module(line.removeprefix("module-mac = ")).decode().strip() == written
    (folder / "fipsmodule.cnf").write_text(written + "\n")
    original = shell(f"{name}:plain", "cat", CONF).encode()
    (folder / "openssl.cnf").write_bytes(with_fips(original, MODULE_CONF))
    lines = (f"FROM {name}:plain", f"COPY openssl.cnf {CONF}", f"COPY fipsmodule.cnf {MODULE_CONF}")
    (folder / "Dockerfile").write_text("\n".join(lines) + "\n")
    image, archive = f"{name}:fips", tmp_path / "image.tar"
    check(["docker", "build", "-q", "-t", image, str(folder)], timeout=60, doing="building")
    check(["docker", "save", "-o", str(archive), image], timeout=120, doing="saving")
    with open_image(DockerArchive(archive, None), None, tmp_path) as opened:
        rootfs = opened.rootfs()
        for case, (variables, routing, works) in CASES.items():
            found = made.by_path(made.inspect(rootfs, variables), WHEEL).module.routing
            assert (case, found) == (case, routing)
            said = shell(image, "python3", "-c", ASK, variables=variables)
            assert (case, said) == (case, works)
    # One file for two OpenSSLs of a process: the second has no algorithm at all.
    both = CASES["routed"][0]
    assert shell(image, "python3", "-c", AFTER_PYTHONS, variables=both) == "False False"


@pytest.mark.timeout(300)
def test_hardened_image_is_in_fips_mode(name: str, tmp_path: Path) -> None:
    careen = Careen(tmp_path)
    careen(
        *("harden", f"{name}:plain", "-t", f"{name}:hardened", "--fips", "--ready", "/"),
        *("--test", "curl -fsS $BASE_URL/x", "--report-dir", "report"),
    )
    told = json.loads((tmp_path / "report" / "fips.json").read_text(encoding="utf-8"))
    probes = {each["name"]: each["passed"] for each in told["proof"]["probes"]}
    assert False not in probes.values()
    assert all(probes[each] for each in ("openssl-providers", "python-mode", "cryptography-md5"))
    standing = {
        each["module"]["path"]: each["standing"]
        for each in told["inventory"]["modules"]
        if each["module"]["kind"] in ("openssl", "openssl-fips")
    }
    assert standing[WHEEL] == "routed to the system's provider"
    assert standing[f"{MODULES}/fips.so"] == "provider active but not validated"
    assert shell(f"{name}:hardened", "python3", "-c", AFTER_PYTHONS) == "True False"
    assert (tmp_path / "report" / "cbom.cdx.json").is_file()
    why = careen("why", f"{name}:plain", MODULE_CONF, "--report-dir", "report", "--quiet")
    assert why.out.startswith(f"{MODULE_CONF} is kept: ")
