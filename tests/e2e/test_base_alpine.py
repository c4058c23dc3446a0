"""Alpine's bases from Alpine's own files: packages made again from a real root, signed by a test's
key, served on loopback; and what goes wrong on the way.
"""

import json
import os
import secrets
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from careen.catalog import isolation
from careen.catalog.alpine.family import ALPINE
from careen.catalog.contract.compare import compare
from careen.catalog.contract.sides import Pair, Side
from careen.catalog.port import RootRequest
from careen.errors import ToolError
from careen.inventory.scan import scan
from careen.model.catalog.contract import Kept
from careen.model.catalog.entry import User, Variant
from careen.oci.image import Image
from careen.oci.select import host_platform
from careen.oci.single import image_of_tar
from careen.pipeline.run.session import session
from careen.pipeline.run.settings import Settings
from careen.pipeline.run.source import open_source
from careen.report.terminal_output.progress import SilentProgress
from careen.tools.process import check
from tests.support.alpine_archive import SMALL, own_apk, repacked
from tests.support.apks import Apk, make_key, make_repository
from tests.support.careen_command import Careen, docker, mounts_below, until
from tests.support.other_roots import alpine
from tests.support.served import served
from tests.support.tmpfs import mounted

pytestmark = [
    *(pytest.mark.root, pytest.mark.docker, pytest.mark.slow),
    pytest.mark.timeout(300),  # the root of Alpine is fetched
]

BUILD = ("base", "build", "alpine:3.23", "--no-test")
NONROOT = User("nonroot", 65532, "/home/nonroot")


@dataclass(frozen=True, slots=True)
class Alpine:
    """`place` has two signed repositories, `key` signs them, `bin` has a program apk."""

    place: Path
    key: Path
    bin: Path
    root: Path

    @property
    def local(self) -> tuple[str, str]:
        return f"{self.place}/main", f"{self.place}/zones"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Alpine:
    folder = tmp_path_factory.mktemp("alpine")
    (folder / "bin").mkdir()
    root, key = alpine(folder), make_key(folder)
    own_apk(root, folder / "bin")
    repacked(root, folder / "served/main", key, SMALL)
    zones = {f"usr/share/zoneinfo/{name}": "TZif" for name in ("UTC", "Europe/Paris")}
    make_repository(folder / "served/zones", key, [Apk("tzdata", "2026c-r0", zones)])
    return Alpine(folder / "served", key.with_name(f"{key.name}.pub"), folder / "bin", root)


@pytest.fixture(autouse=True)
def with_apk(home: Alpine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{home.bin}:{os.environ['PATH']}")


@pytest.fixture
def careen(tmp_path: Path, home: Alpine) -> Iterator[Careen]:
    (tmp_path / "run").mkdir()
    path = f"{home.bin}:{os.environ['PATH']}"
    out = Careen(tmp_path / "run", {"XDG_DATA_HOME": str(tmp_path / "data"), "PATH": path})
    yield out
    assert mounts_below(out.work) == []
    assert out.runs() == []


def test_a_root_of_alpine_is_built_locked_cut_and_compared(careen: Careen, home: Alpine) -> None:
    with served(home.place) as address:
        words = [w for x in ("main", "zones") for w in ("--source", f"{address}/{x}")]
        words += ["--source-key", str(home.key), "--variant", "compat", "-o", "oci:compat"]
        words += ["--write-lock", "lock.json", "--report-dir", "report", "--json"]
        built = careen("base", "build", "alpine:3.23", *words).document
    assert built["unproven"] == "never built from Alpine's own archive"
    assert built["tested"] == 1
    lock = json.loads((careen.folder / "lock.json").read_bytes())
    names = {each["name"] for step in lock["steps"] for each in step["packages"]}
    assert names == {*SMALL, "tzdata"}
    made = json.loads((careen.folder / "report/provenance.json").read_bytes())["buildDefinition"]
    assert made["internalParameters"]["unproven"] == built["unproven"]
    assert made["resolvedDependencies"][0]["uri"].startswith("pkg:apk/alpine/alpine-baselayout@")
    # by the lock, from files instead of an address, both variants are the same bytes again
    local = [w for x in home.local for w in ("--source", x)]
    local += ["--source-key", str(home.key.parent), "--lock", "lock.json", "-q"]
    again = careen(*BUILD, *local, "--variant", "compat", "-o", "oci:again").out.split()
    assert again[-1] == built["measure"]["digest"]
    careen(*BUILD, *local, "-o", "oci:runtime")
    other = careen.refused("base", "build", "alpine:3.22", *local[:6], "-o", "oci:other")
    assert "the sources are of alpine 3.23.6, and the entry is of alpine 3.22" in other
    with session(Settings(work_root=careen.work), SilentProgress()) as run:
        opened = (open_source(f"oci:{careen.folder}/{x}", run) for x in ("compat", "runtime"))
        first, second = opened
        with first as compat, second as runtime:
            check_images(side(compat), side(runtime))
            check_against_alpines_own(home, careen.folder, side(compat))


def side(image: Image) -> Side:
    return Side(image.rootfs(), scan(image.rootfs()), image.config)


def check_images(compat: Side, runtime: Side) -> None:
    root = runtime.rootfs
    for path in ("/bin/sh", "/bin/busybox", "/sbin/apk", "/var/log/apk.log"):
        assert root.find(path) is None, path
    assert root.find("/etc/ssl/certs/ca-certificates.crt") is not None
    assert {each.name for each in runtime.inventory.packages.values()} == {
        *("alpine-baselayout", "alpine-baselayout-data", "alpine-release"),
        *("ca-certificates-bundle", "musl", "tzdata"),
    }
    assert not runtime.inventory.unknowns
    world = compat.text("/etc/apk/world")
    assert world is not None
    assert {"musl", "apk-tools", "alpine-keys"} <= set(world.split())
    assert "=" not in world  # the lock's versions pin a build, not the image
    rows = compare(Pair(compat, runtime, Variant.RUNTIME, (NONROOT,)))
    assert [each for each in rows if each.kept is Kept.BROKEN] == []
    kept = {each.item: each.kept for each in rows}
    assert kept["shell"] is kept["package manager"] is Kept.DIFFERS


def check_against_alpines_own(home: Alpine, folder: Path, compat: Side) -> None:
    """Compare with the real root; what it has beyond the image, and what unpacking it lost (sticky
    directories), are not ours.
    """
    tar = ["tar", "-C", str(home.root), "--numeric-owner", "-cf", str(folder / "root.tar"), "."]
    check(tar, timeout=60, doing="packing")
    with image_of_tar("alpine", folder / "root.tar", host_platform(), "") as image:
        upstream = Side(image.rootfs(), scan(image.rootfs()), compat.config)
        rows = compare(Pair(upstream, compat, Variant.COMPAT))
    broken = {each.item for each in rows if each.kept is Kept.BROKEN}
    assert broken <= {"libraries", "paths", "permissions"}
    kept = {each.item: each.kept for each in rows}
    assert kept["symbol versions"] is kept["locale"] is Kept.NOT_APPLICABLE
    same = {each.item for each in rows if each.kept is Kept.SAME}
    assert {"users", "groups", "ld.so", "certificates", "shell", "scanners"} <= same
    assert {"NSS and DNS", "package manager"} <= same


MANAGED = """set -e
apk() { command apk --no-network --repositories-file /dev/null "$@" >&2; }
if apk add -X /repository/unknown greeter; then exit 9; fi
apk add -X /repository/one greeter
greet
apk upgrade -X /repository/two
greet
apk del greeter
if greet 2>/dev/null; then exit 9; fi
apk audit --system >&2
command apk info | grep -c '^alpine-baselayout$'
"""


def greeter(version: str) -> Apk:
    return Apk("greeter", version, {"usr/bin/greet": f"#!/bin/sh\necho hello {version}\n"})


def test_apk_of_dev_installs_upgrades_and_removes(
    careen: Careen, home: Alpine, tmp_path: Path
) -> None:
    key = home.key.with_name(home.key.name.removesuffix(".pub"))
    tools = make_repository(tmp_path / "tools", key, [Apk("build-base", "0.5-r3", {})])
    for place, version in (("one", "1.0-r0"), ("two", "1.1-r0")):
        make_repository(tmp_path / "repository" / place, key, [greeter(version)])
    other = make_key(tmp_path, "unknown.rsa")
    make_repository(tmp_path / "repository/unknown", other, [greeter("9-r0")])
    name = f"careen-test-{secrets.token_hex(6)}/alpine:3.23-dev"
    sources = [w for x in (*home.local, str(tools)) for w in ("--source", x)]
    words = ("base", "build", "alpine:3.23", *sources, "--source-key", str(home.key))
    careen(*words, "--variant", "compat", "-o", "oci:compat")
    careen(*words, "--variant", "dev", "-t", name, "--against", f"oci:{careen.folder}/compat")
    volumes = (
        f"--volume={tmp_path / 'repository'}:/repository:ro",
        f"--volume={home.key}:/etc/apk/keys/{home.key.name}:ro",
    )
    try:
        argv = ("run", "--rm", "--network", "none", *volumes, name, "sh", "-c", MANAGED)
        assert docker(*argv).splitlines() == ["hello 1.0-r0", "hello 1.1-r0", "1"]
    finally:
        docker("rmi", name)


def request(home: Alpine, into: Path, *lines: str, key: Path | None = None) -> RootRequest:
    found = ALPINE.given(lines or home.local, key or home.key, "3.23", "x86_64")
    into.mkdir(exist_ok=True)
    return RootRequest(
        "3.23", found, (("musl", "busybox-binsh"),), (), 1_700_000_000, into, "x86_64"
    )


def refused(wanted: RootRequest) -> str:
    with pytest.raises(ToolError) as error:
        ALPINE.make(wanted)
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix("building the root of Alpine 3.23: ")


def altered(home: Alpine, folder: Path, name: str, content: bytes | None) -> str:
    """Return a copy of a repository in which one file is other bytes, or gone."""
    out = folder / "altered/x86_64"
    out.mkdir(parents=True)
    for path in (home.place / "main/x86_64").iterdir():
        if path.match(name) and content is not None:
            (out / path.name).write_bytes(content)
        elif not path.match(name):
            (out / path.name).hardlink_to(path)
    return str(out.parent)


def test_a_wrong_key_and_a_missing_one(home: Alpine, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    wrong = make_key(other).with_name(home.key.name)  # the same name, another key
    assert refused(request(home, tmp_path / "a", key=wrong)).startswith("the index has no valid")
    unknown = make_key(other, "unknown.rsa").with_name("unknown.rsa.pub")
    said = refused(request(home, tmp_path / "b", key=unknown))
    assert "the index has no valid signature of a given key" in said
    assert "--source-key" in said


def test_half_a_repository(home: Alpine, tmp_path: Path) -> None:
    for number, content in enumerate((None, b"half")):
        place = tmp_path / str(number)
        place.mkdir()
        line = altered(home, place, "musl-1*.apk", content)
        said = refused(request(home, place / "into", line))
        assert said.startswith("a package or a list is not what"), (number, said)
    place = tmp_path / "index"
    place.mkdir()
    line = altered(home, place, "APKINDEX*", None)
    assert "the mirror lacks a file" in refused(request(home, place / "into", line))


def test_one_of_two_mirrors_is_down(home: Alpine, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        lines = (home.local[0], f"http://127.0.0.1:{free.getsockname()[1]}/main")
    # apk itself would go on: the other repository has all packages
    assert refused(request(home, tmp_path / "into", *lines)).startswith("a mirror does not answer")


def test_what_is_offered_is_asked_without_building(careen: Careen, home: Alpine) -> None:
    found = ALPINE.given(home.local, home.key, "3.23", "x86_64")
    offers = ALPINE.offers(careen.folder / "offers", found, "3.23", "x86_64")
    offers.update()
    assert offers.candidates(["tzdata", "none"]) == {"tzdata": "2026c-r0", "none": ""}
    words = [w for x in home.local for w in ("--source", x)]
    words += ["--source-key", str(home.key), "--variant", "runtime", "--dry-run", "--json"]
    (base,) = careen("base", "refresh", "alpine:3.23", "--repository", "my", *words).document[
        "bases"
    ]
    assert (base["action"], base["changed"]) == ("would build", ["not built yet"])


def test_a_version_that_no_repository_has(home: Alpine, tmp_path: Path) -> None:
    wanted = request(home, tmp_path / "into")
    lacking = RootRequest(
        "3.23", wanted.sources, (("musl=9",),), (), wanted.epoch, wanted.into, "x86_64"
    )
    assert refused(lacking).startswith("the sources lack a package")


def test_a_full_disk(home: Alpine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "ROOM", 0)
    with mounted(tmp_path / "small", "size=1m") as small:
        assert refused(request(home, small / "into")).startswith("the disk is full")


def test_a_script_that_fails(home: Alpine, tmp_path: Path) -> None:
    script = {"post-install": "#!/bin/sh\nexit 7\n"}
    key = home.key.with_name(home.key.name.removesuffix(".pub"))
    bad = Apk("bad", "1-r0", {"etc/bad": "x"}, scripts=script)
    make_repository(tmp_path / "bad", key, [bad])
    wanted = request(home, tmp_path / "into", *home.local, str(tmp_path / "bad"))
    steps = (("busybox-binsh", "bad"),)
    said = refused(RootRequest("3.23", wanted.sources, steps, (), 7, wanted.into, "x86_64"))
    assert said.startswith("a script of a package failed")


def test_a_killed_build_leaves_no_process_and_no_mount(careen: Careen, home: Alpine) -> None:
    with socket.socket() as silent:  # it takes connections and never answers
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        source = f"http://127.0.0.1:{silent.getsockname()[1]}/main"
        words = (*BUILD, "-o", "oci:out", "--source", source, "--source-key", home.key)
        with careen.begun(*words) as running:
            until(lambda: processes(careen.work))
            os.kill(running.pid, signal.SIGKILL)
            running.status(60)
        until(lambda: not processes(careen.work))
    careen.next_run()
    assert not (careen.folder / "out").exists()


def processes(work: Path) -> list[int]:
    """The processes of apk whose words name a directory of the run."""
    out = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if b"--keys-dir" in words and str(work).encode() in words:
            out.append(int(path.parent.name))
    return out


def test_sources_need_keys() -> None:
    with pytest.raises(Exception, match="needs the keys that sign it"):
        ALPINE.given(("/srv/main",), None, "3.23", "x86_64")


def test_a_machine_of_another_system_has_no_repositories() -> None:
    with pytest.raises(Exception, match=r"this machine is no Alpine 3\.1; give its repositories"):
        ALPINE.of_this_machine("3.1", "x86_64")
