"""Debian's bases from Debian's own packages: a root, its variants, and a build by its lock."""

import json
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from careen.catalog.contract.compare import compare
from careen.catalog.contract.sides import Pair, Side
from careen.catalog.debian.family import DEBIAN
from careen.catalog.entries import Catalog, load_catalog
from careen.catalog.lock_file import read_lock, written
from careen.catalog.recipe import recipe
from careen.inventory.scan import scan
from careen.model.catalog.contract import Kept
from careen.model.catalog.entry import User, Variant
from careen.model.catalog.lock import Lock
from careen.model.paths import ImagePath
from careen.oci.image import Image
from careen.oci.write import write_docker_archive, write_oci_layout
from careen.pipeline.catalog.build import BuildRequest, build_base, image_of
from careen.pipeline.catalog.layers import Maker
from careen.pipeline.catalog.listing import list_bases
from careen.pipeline.catalog.roots import Root, architecture, lock_of, make_roots
from careen.pipeline.catalog.verify import VerifyRequest, verify_base
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import Destination, Settings, parse_output
from careen.report.terminal_output.progress import SilentProgress
from careen.tools.process import check, run
from tests.bases.attempt import tried
from tests.bases.corpus import subjects

pytestmark = pytest.mark.debian

CREATED = "2026-11-30T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Scene:
    """One root, its lock, and the images of two variants."""

    root: Root
    lock: Lock
    runtime: Image
    compat: Image


def made(catalog: Catalog, opened: ExitStack, run: Session) -> Scene:
    entry = catalog.find("debian:trixie")
    wanted = recipe(catalog, entry, Variant.RUNTIME)
    sources = DEBIAN.of_this_machine("trixie", architecture("debian"))
    roots = make_roots(wanted, sources, (), CREATED, opened, run)
    found = lock_of(wanted, catalog.chain(entry), roots, sources, CREATED)
    images = []
    for variant in (Variant.RUNTIME, Variant.COMPAT):
        one = recipe(catalog, entry, variant)
        maker = Maker(one, catalog.chain(entry), found, opened, run)
        images.append(image_of(one, found, maker.layers(roots.roots)))
    return Scene(roots.roots[0], found, *images)


NONROOT = User("nonroot", 65532, "/home/nonroot")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ExitStack, Session]]:
    settings = Settings(work_root=tmp_path_factory.mktemp("bases"))
    with session(settings, SilentProgress()) as run, ExitStack() as stack:
        yield stack, run


@pytest.fixture(scope="module")
def scene(opened: tuple[ExitStack, Session]) -> Scene:
    return made(load_catalog(), *opened)


def side(image: Image) -> Side:
    return Side(image.rootfs(), scan(image.rootfs()), image.config)


@pytest.fixture(scope="module")
def sides(scene: Scene) -> dict[Variant, Side]:
    return {Variant.RUNTIME: side(scene.runtime), Variant.COMPAT: side(scene.compat)}


@pytest.fixture(scope="module")
def compat_in_docker(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the repository in docker's store that has the base."""
    repository = f"careen-test-{secrets.token_hex(6)}"
    name = f"{repository}/debian:trixie-compat"
    archive = tmp_path_factory.mktemp("archive") / "base.tar"
    with archive.open("wb") as stream:
        write_docker_archive(scene.compat, stream, (name,))
    check(["docker", "load", "-i", str(archive)], timeout=120, doing="loading the base")
    yield repository
    run(["docker", "image", "rm", "--force", name], timeout=120)


def test_runtime_has_no_shell_no_package_manager_and_no_root(sides: dict[Variant, Side]) -> None:
    made_of = sides[Variant.RUNTIME]
    root = made_of.rootfs
    for path in ("/bin/sh", "/bin/bash", "/usr/bin/apt-get", "/usr/bin/dpkg", "/usr/bin/perl"):
        assert root.find(path) is None, path
    assert not [entry.path for entry in root if entry.is_setid]
    assert made_of.config.user == "65532:65532"
    assert root[ImagePath("/home/nonroot")].uid == 65532
    assert root.find("/etc/ssl/certs/ca-certificates.crt") is not None
    assert root.find("/usr/share/zoneinfo/Europe/Paris") is not None
    assert root.find("/usr/share/doc/libc6/copyright") is not None


def test_the_package_database_is_what_is_there(sides: dict[Variant, Side], scene: Scene) -> None:
    found = sides[Variant.RUNTIME].inventory
    names = {each.name for each in found.packages.values()}
    assert {"libc6", "tzdata", "base-files", "ca-certificates"} <= names
    assert {"dash", "apt", "dpkg", "perl-base"}.isdisjoint(names)
    assert not found.unknowns
    for package in found.packages.values():
        assert all(path in sides[Variant.RUNTIME].rootfs for path in package.files)
    full = {(x.name, x.version) for x in sides[Variant.COMPAT].inventory.packages.values()}
    assert full == {(each.name, each.version) for each in scene.lock.packages}


@pytest.mark.parametrize("variant", [Variant.RUNTIME, Variant.COMPAT])
def test_the_package_database_is_true_for_dpkg(
    sides: dict[Variant, Side], variant: Variant, tmp_path: Path
) -> None:
    rootfs = sides[variant].rootfs
    for entry in rootfs:
        if entry.is_file and entry.path.startswith("/var/lib/dpkg/"):
            place = tmp_path / entry.path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(rootfs.read(entry.path, 64 << 20))
    (tmp_path / "var/lib/dpkg/updates").mkdir(exist_ok=True)
    audit = run(["dpkg", f"--root={tmp_path}", "--audit"], timeout=60.0)
    assert (audit.status, audit.stdout, audit.stderr) == (0, b"", b"")
    listed = run(["dpkg", f"--root={tmp_path}", "-L", "libc6"], timeout=60.0).text.splitlines()
    assert any(path.endswith("/libc.so.6") for path in listed)


def test_no_mark_of_this_machine_stays(sides: dict[Variant, Side]) -> None:
    for found in sides.values():
        for path in ("/etc/machine-id", "/etc/hostname", "/etc/resolv.conf", "/var/log/dpkg.log"):
            assert found.rootfs.find(path) is None, path
        assert not found.rootfs.children(ImagePath("/var/lib/apt/lists"))


@pytest.mark.parametrize("variant", [Variant.RUNTIME, Variant.COMPAT])
def test_it_drops_in_for_the_root_of_mmdebstrap(
    scene: Scene, sides: dict[Variant, Side], variant: Variant
) -> None:
    # the root holds no configuration: that of an image of it, as `docker import` makes one
    upstream = Side(scene.root.rootfs, scene.root.inventory, sides[Variant.COMPAT].config)
    rows = compare(Pair(upstream, sides[variant], variant, (NONROOT,)))
    odd = [row for row in rows if row.kept in (Kept.BROKEN, Kept.UNKNOWN)]
    assert odd == []
    differ = {row.item for row in rows if row.kept is Kept.DIFFERS}
    if variant is Variant.COMPAT:
        assert not differ
    else:
        assert {"shell", "package manager", "user", "libraries"} <= differ


def test_probes_in_containers_answer_as_upstream_does(
    scene: Scene, opened: tuple[ExitStack, Session], tmp_path: Path
) -> None:
    for name, image in (("runtime", scene.runtime), ("compat", scene.compat)):
        write_oci_layout(image, tmp_path / name, "test")
    ours, upstream = (f"oci:{tmp_path / name}:test" for name in ("runtime", "compat"))
    found = verify_base(VerifyRequest(ours, upstream), opened[1])
    assert found.variant == "runtime"
    assert [row for row in found.rows if row.kept in (Kept.BROKEN, Kept.UNKNOWN)] == []
    said = {row.what: row.ours for row in found.rows}
    assert said["getent passwd root"].startswith("root:x:0:0:")
    assert said["TZ=Asia/Kolkata date -d @0 +%H:%M %Z"] == "05:30 IST"
    assert said["LC_ALL=C.UTF-8 locale charmap"] == "UTF-8"
    assert said["SIGTERM, then SIGKILL, of upstream's sleep"] == "goes on, ends with 137"


@pytest.mark.docker
@pytest.mark.parametrize("name", ["debian-script", "debian-setpriv", "debian-tz", "debian-perl"])
def test_a_dockerfile_builds_with_only_from_swapped(compat_in_docker: str, name: str) -> None:
    (subject,) = subjects([name])
    assert tried(subject, subject.proposal(compat_in_docker).stages).said == ""


def test_a_build_by_the_same_lock_gives_the_same_digest_and_leaves_its_evidence(
    scene: Scene,
    opened: tuple[ExitStack, Session],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")  # the lock's time counts
    lock, report = tmp_path / "base.lock", tmp_path / "report"
    lock.write_bytes(written(scene.lock))
    request = BuildRequest(
        name="debian:13",
        variant=Variant.RUNTIME,
        destination=Destination(outputs=(parse_output(f"oci:{tmp_path / 'out'}:13"),)),
        database=tmp_path / "missing.db",
        lock=lock,
        report=report,
    )
    built = build_base(request, opened[1])
    assert built.lock == scene.lock
    assert built.measure.digest == scene.runtime.ref.digest
    assert built.findings is None  # no database: unknown, not zero
    assert {path.name for path in report.iterdir()} == {
        *("base-lock.json", "manifest.json", "provenance.json", "sbom.cdx.json", "sbom.spdx.json")
    }
    assert read_lock(report / "base-lock.json") == scene.lock
    components = json.loads((report / "sbom.cdx.json").read_text())["components"]
    assert "libc6" in {each["name"] for each in components}
    (row,) = [each for each in list_bases() if each.name == "debian:trixie"]
    assert [each.digest for each in row.figures] == [built.measure.digest]
