"""Bases like UBI's from signed rpms that the test makes, and what goes wrong on the way."""

import json
import os
import secrets
import shutil
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from careen.catalog import isolation
from careen.catalog.contract.compare import compare
from careen.catalog.contract.sides import Pair, Side
from careen.catalog.port import RootRequest
from careen.catalog.rpm.family import REDHAT
from careen.errors import ToolError
from careen.inventory.scan import scan
from careen.model.catalog.contract import Kept
from careen.model.catalog.entry import User, Variant
from careen.oci.image import Image
from careen.pipeline.run.session import session
from careen.pipeline.run.settings import Settings
from careen.pipeline.run.source import open_source
from careen.report.terminal_output.progress import SilentProgress
from careen.tools.process import run as run_program
from tests.support.careen_command import Careen, docker, mounts_below, until
from tests.support.deb_archive import make_key
from tests.support.rpm_archive import RpmArchive, rpm_archive
from tests.support.served import served
from tests.support.tmpfs import mounted
from tests.support.trees import tree

pytestmark = [pytest.mark.root, pytest.mark.rpm]

BUILD = ("base", "build", "ubi:9-minimal", "--no-test")
NONROOT = User("nonroot", 65532, "/home/nonroot")
SHELL = {"bash", "coreutils-single", "microdnf", "rpm"}
REST = {
    *("ca-certificates", "filesystem", "glibc", "glibc-minimal-langpack", "redhat-release"),
    *("setup", "tzdata"),
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> RpmArchive:
    return rpm_archive(tmp_path_factory.mktemp("rpms"))


@pytest.fixture
def careen(tmp_path: Path) -> Iterator[Careen]:
    (tmp_path / "run").mkdir()
    out = Careen(tmp_path / "run", {"XDG_DATA_HOME": str(tmp_path / "data")})
    yield out
    assert mounts_below(out.work) == []
    assert out.runs() == []


def test_a_root_by_rpm_is_built_locked_and_cut(careen: Careen, archive: RpmArchive) -> None:
    with served(archive.folder) as address:
        build = (*BUILD, "--source", f"{address}/repository", "--source-key", archive.key)
        words = ("--variant", "compat", "-o", "oci:compat", "--write-lock", "lock.json", "--json")
        built = careen(*build, *words, "--report-dir", "report").document
    assert built["unproven"] == "never built from Red Hat's own archive"
    assert "without TLS" in built["notes"][0]
    lock = json.loads((careen.folder / "lock.json").read_bytes())
    steps = [{each["name"] for each in step["packages"]} for step in lock["steps"]]
    assert steps == [REST | {"bash"}, SHELL - {"bash"}]  # a script of ca-certificates needs it
    made = json.loads((careen.folder / "report/provenance.json").read_bytes())["buildDefinition"]
    uris = [each["uri"] for each in made["resolvedDependencies"]]
    assert "pkg:rpm/redhat/bash@1-1.el9?arch=x86_64" in uris
    # by the lock, from files instead of an address, both variants are the same bytes again
    local = ("--source", archive.line, "--source-key", archive.key, "--lock", "lock.json", "-q")
    again = careen(*BUILD, *local, "--variant", "compat", "-o", "oci:again").out.split()
    assert again[-1] == built["measure"]["digest"]
    careen(*BUILD, *local, "-o", "oci:runtime")
    with session(Settings(work_root=careen.work), SilentProgress()) as run:
        first, second = (
            open_source(f"oci:{careen.folder}/{x}", run) for x in ("compat", "runtime")
        )
        with first as compat, second as runtime:
            check_images(side(compat), side(runtime), careen.folder)


def side(image: Image) -> Side:
    return Side(image.rootfs(), scan(image.rootfs()), image.config)


def check_images(compat: Side, runtime: Side, folder: Path) -> None:
    for path in ("/bin/sh", "/usr/bin/bash", "/usr/bin/microdnf", "/usr/bin/rpm"):
        assert compat.rootfs.find(path) is not None, path
        assert runtime.rootfs.find(path) is None, path
    assert compat.text("/etc/made-by-a-script") == "made\n"
    assert {each.name for each in runtime.inventory.packages.values()} == REST
    assert not runtime.inventory.unknowns
    rows = compare(Pair(compat, runtime, Variant.RUNTIME, (NONROOT,)))
    assert [each for each in rows if each.kept is Kept.BROKEN] == []
    # rpm itself reads the database that was cut
    database = folder / "root/var/lib/rpm/rpmdb.sqlite"
    database.parent.mkdir(parents=True)
    entry = runtime.rootfs.find("/var/lib/rpm/rpmdb.sqlite")
    assert entry is not None
    database.write_bytes(runtime.rootfs.read(entry.path, 64 << 20))
    argv = ["rpm", "--root", str(folder / "root"), "--dbpath", "/var/lib/rpm", "-qa"]
    said = run_program([*argv, "--qf", "%{NAME} "], timeout=60)
    assert set(said.text.split()) == REST


MANAGED = """set -e
rpmkeys --import /keys/archive.asc
set -- rpm --define '_pkgverify_level all' "$@"
if "$@" -i /unsigned/*.rpm; then exit 9; fi
"$@" -i /extra/greeter-1-*.rpm
greet
"$@" -U /extra/greeter-2-*.rpm
greet
rpm -V greeter
rpm -e greeter
if greet; then exit 9; fi
rpm -q filesystem greeter || true
"""


@pytest.mark.docker
def test_rpm_of_dev_installs_upgrades_and_removes(careen: Careen, archive: RpmArchive) -> None:
    archive.greeter("1")
    archive.greeter("2")
    archive.greeter("3", signed=False)
    name = f"careen-test-{secrets.token_hex(6)}/ubi:9-minimal-dev"
    local = ("base", "build", "ubi:9-minimal", "--source", archive.line)
    words = (*local, "--source-key", archive.key)
    careen(*words, "--variant", "compat", "-o", "oci:compat")
    careen(*words, "--variant", "dev", "-t", name, "--against", f"oci:{careen.folder}/compat")
    places = {"extra": "extra", "unsigned": "unsigned", "gpg": "keys"}
    volumes = [f"--volume={archive.folder / x}:/{y}:ro" for x, y in places.items()]
    try:
        argv = ("run", "--rm", "--network", "none", *volumes, name, "bash", "-c", MANAGED)
        said = docker(*argv).splitlines()
    finally:
        docker("rmi", name)
    assert said[:2] == ["hello 1", "hello 2"]
    assert said[2:] == ["filesystem-1-1.el9.x86_64", "package greeter is not installed"]


def request(
    archive: RpmArchive, into: Path, line: str = "", key: Path | None = None
) -> RootRequest:
    found = REDHAT.given((line or archive.line,), key or archive.key, "9", "x86_64")
    into.mkdir(exist_ok=True)
    steps = (("ca-certificates",),)
    return RootRequest("9", found, steps, (), 1_700_000_000, into, "x86_64")


def refused(wanted: RootRequest) -> str:
    with pytest.raises(ToolError) as error:
        REDHAT.make(wanted)
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix("building the root of Red Hat 9: ")


def test_what_is_offered_is_asked_without_building(archive: RpmArchive, tmp_path: Path) -> None:
    found = REDHAT.given((archive.line,), archive.key, "9", "x86_64")
    offers = REDHAT.offers(tmp_path / "offers", found, "9", "x86_64")
    offers.update()
    assert offers.candidates(["bash", "none"]) == {"bash": "1-1.el9", "none": ""}


def test_a_wrong_key(archive: RpmArchive, tmp_path: Path) -> None:
    other = make_key(tmp_path / "gpg", "Somebody else")
    said = refused(request(archive, tmp_path / "into", key=other))
    assert said.startswith("a package has no valid signature of a given key")
    assert "--source-key" in said


def test_a_package_without_a_signature(archive: RpmArchive, tmp_path: Path) -> None:
    mine = RpmArchive(tmp_path / "mine")
    shutil.copytree(archive.place, mine.place)
    plain = mine.place / "bash-1-1.el9.x86_64.rpm"
    assert run_program(["rpmsign", "--delsign", str(plain)], timeout=60).status == 0
    mine.describe()
    said = refused(request(archive, tmp_path / "into", mine.line))
    assert said.startswith("a package has no valid signature of a given key")
    assert "bash" in said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("bash-1-*.rpm", "a package or a list is not what"),
        ("repodata/*primary*", "a package or a list is not what"),
        ("repodata/repomd.xml", "a mirror does not answer"),
    ],
)
def test_half_a_repository(archive: RpmArchive, tmp_path: Path, name: str, said: str) -> None:
    place = tmp_path / "half"
    shutil.copytree(archive.place, place)
    for path in place.glob(name):
        path.unlink()
    assert refused(request(archive, tmp_path / "into", f"file://{place}")).startswith(said)


def test_an_altered_package(archive: RpmArchive, tmp_path: Path) -> None:
    place = tmp_path / "altered"
    shutil.copytree(archive.place, place)
    path = place / "bash-1-1.el9.x86_64.rpm"
    path.write_bytes(path.read_bytes() + b"more")
    said = refused(request(archive, tmp_path / "into", f"file://{place}"))
    assert said.startswith("a package or a list is not what")


def test_a_mirror_that_is_down(archive: RpmArchive, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        line = f"http://127.0.0.1:{free.getsockname()[1]}/repository"
    said = refused(request(archive, tmp_path / "into", line))
    assert said.startswith("a mirror does not answer")


def test_a_full_disk(archive: RpmArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "ROOM", 0)
    with mounted(tmp_path / "small", "size=3m") as small:
        assert refused(request(archive, small / "into")).startswith("the disk is full")


def test_a_killed_build_leaves_no_process_and_no_mount(careen: Careen, archive: RpmArchive) -> None:
    with socket.socket() as silent:  # it takes connections and never answers
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        source = f"http://127.0.0.1:{silent.getsockname()[1]}/repository"
        words = (*BUILD, "-o", "oci:out", "--source", source, "--source-key", archive.key)
        with careen.begun(*words) as running:
            until(lambda: processes(careen.work))
            os.kill(running.pid, signal.SIGKILL)
            running.status(60)
        until(lambda: not processes(careen.work))
    careen.next_run()
    assert not (careen.folder / "out").exists()


def processes(work: Path) -> list[int]:
    """The processes of dnf whose words name a directory of the run."""
    out = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if b"--installroot" in words and str(work).encode() in words:
            out.append(int(path.parent.name))
    return out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("deb http://m.test/ x main", "expected the address of a repository of dnf"),
        ("https://u:p@m.test/a@b", "the URI is ambiguous"),
    ],
)
def test_a_source_that_is_no_repository(archive: RpmArchive, line: str, said: str) -> None:
    with pytest.raises(Exception, match=said):
        REDHAT.given((line,), archive.key, "9", "x86_64")


def test_without_sources_nothing_is_built(careen: Careen) -> None:
    line = careen.refused("base", "build", "ubi:10-micro", "-o", "oci:out")
    assert "never built from Red Hat's own archive" in line
    assert "--source-key" in line


def test_the_database_of_a_later_release_is_elsewhere(archive: RpmArchive, tmp_path: Path) -> None:
    wanted = request(archive, tmp_path / "into")
    REDHAT.make(replace(wanted, release="10"))
    listed = run_program(["tar", "-tf", str(wanted.saved(0))], timeout=60).text.splitlines()
    assert "./usr/lib/sysimage/rpm/rpmdb.sqlite" in listed
    found = REDHAT.digests(wanted, tree({}), {("bash", "x86_64", "1-1.el9")})
    assert list(found) == [("bash", "x86_64", "1-1.el9")]
