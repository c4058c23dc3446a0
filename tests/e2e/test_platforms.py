"""`careen harden` of an index: amd64 natively, arm64 by qemu-user, s390x not at all."""

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from careen.rewrite.strip import BASIS, ORIGINAL_DIGEST
from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.debian_registry import Registry
from tests.support.emulator import emulator
from tests.support.platform_index import (
    AMD64,
    ARM64,
    REFERENCE_DIGEST,
    REFERENCE_TYPE,
    UNUSED,
    USED,
    platform_index,
    platform_layer,
    unrunnable_layer,
)

pytestmark = [pytest.mark.qemu, pytest.mark.root, pytest.mark.bpf, pytest.mark.runc]

FETCH = f'curl -fsS "$BASE_URL/file/{USED}" | grep -q "used on"'
REPORT = ("--report-dir", "report")
TESTED = ("--test", FETCH, *REPORT)
JOB = (*REPORT, "--ready", "exit", "--", "cat", f"/{USED}")
RUN = ("linux/amd64", "linux/arm64")


@pytest.fixture(scope="session", autouse=True)
def qemu() -> Iterator[str]:
    with emulator() as path:
        yield path


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of three platforms with attestations; nothing here can run the third."""
    folder = tmp_path_factory.mktemp("platforms")
    images = {each.architecture: platform_layer(folder, each) for each in (AMD64, ARM64)}
    images["s390x"] = unrunnable_layer("s390x")
    return platform_index(folder / "index", images, artifacts=True)


@pytest.fixture
def careen(tmp_path: Path) -> Careen:
    """`careen` without a daemon."""
    folder = tmp_path / "careen"
    folder.mkdir()
    return Careen(folder, NO_DAEMON)


def blob(layout: Path, digest: str) -> Any:
    return json.loads((layout / "blobs" / "sha256" / digest.removeprefix("sha256:")).read_text())


def listed(layout: Path) -> Any:
    """The one index of a layout."""
    (named,) = json.loads((layout / "index.json").read_text())["manifests"]
    return blob(layout, named["digest"])


def images(document: Any) -> dict[str, Any]:
    """The descriptors of an index by platform, attestations left out."""
    return {
        f"{item['platform']['os']}/{item['platform']['architecture']}": item
        for item in document["manifests"]
        if item["platform"]["os"] != "unknown"
    }


def attestations(document: Any) -> list[Any]:
    return [item for item in document["manifests"] if item["platform"]["os"] == "unknown"]


def paths(layout: Path, descriptor: Any) -> set[str]:
    """The files of an image's layers."""
    found: set[str] = set()
    for each in blob(layout, descriptor["digest"])["layers"]:
        name = layout / "blobs" / "sha256" / each["digest"].removeprefix("sha256:")
        listing = subprocess.check_output(["tar", "-tzf", str(name)], text=True)
        found |= {line.removeprefix("./") for line in listing.splitlines()}
    return found


def test_an_index_gives_an_index_of_what_ran(careen: Careen, index: Path, qemu: str) -> None:
    target = ("-o", "oci:new:2", "-o", "oci-archive:new.tar:2")
    wanted = ("--platform", ",".join(RUN), "--json")
    document = careen("harden", f"oci:{index}:1", *wanted, *target, *TESTED).document
    assert careen.runs() == []
    made = {each["platform"]: each["made"] for each in document["platforms"]}
    assert made == {"linux/amd64": "native", "linux/arm64": "emulated"}
    assert document["left_out"] == ["linux/s390x"]
    assert document["promoted"] == ["oci:new:2", "oci-archive:new.tar:2"]
    for each in document["platforms"]:
        assert each["summary"]["tests"]["hardened"]["passed"]
        assert each["attestations"] == {"original": 1, "carried": 0}
        (ended,) = each["summary"]["ended"]["documents"]
        assert (ended["kind"], ended["about"]) == ("attestation", each["original_digest"])
        assert each["summary"]["ended"]["unknown"] == []
        assert each["bytes"] < each["original_bytes"]

    new, old = listed(careen.folder / "new"), listed(index)
    assert set(images(new)) == set(RUN)
    assert attestations(new) == []
    original = json.loads((index / "index.json").read_text())["manifests"][0]["digest"]
    assert new["annotations"][ORIGINAL_DIGEST] == original
    assert new["annotations"]["org.opencontainers.image.title"] == "service"
    for platform, descriptor in images(new).items():
        manifest = blob(careen.folder / "new", descriptor["digest"])
        basis = "emulated" if platform == "linux/arm64" else None
        assert descriptor.get("annotations", {}).get(BASIS) == basis
        assert manifest["annotations"].get(BASIS) == basis
        assert manifest["annotations"][ORIGINAL_DIGEST] == images(old)[platform]["digest"]
        there = paths(careen.folder / "new", descriptor)
        assert USED in there
        assert UNUSED not in there

    rbom = json.loads((careen.folder / "report" / "linux-arm64" / "rbom.json").read_text())
    assert rbom["syscalls"] is None
    assert all(run["sensor"]["emulated"] for run in rbom["runs"])
    uses = {
        file["path"]: {(use["use"], rbom["executables"][use["executable"]]) for use in file["uses"]}
        for file in rbom["files"]
    }
    assert ("executed", "") in uses["/usr/bin/service"]
    assert ("opened", "/usr/bin/service") in uses[f"/{USED}"]
    assert ("mapped", "/usr/bin/service") in uses["/usr/lib/aarch64-linux-gnu/libc.so.6"]
    assert ("mapped", "/usr/bin/service") in uses["/lib/ld-linux-aarch64.so.1"]
    assert qemu not in rbom["executables"]
    assert [each["path"] for each in rbom["missed"] if "gnemul" in each["path"]] == []
    native = json.loads((careen.folder / "report" / "linux-amd64" / "rbom.json").read_text())
    assert "accept" in native["syscalls"]["serving"]
    written = json.loads((careen.folder / "report" / "platforms.json").read_text())
    assert written == document

    for platform in ("linux-amd64", "linux-arm64"):
        page = (careen.folder / "report" / platform / "report.html").read_text()
        assert "Hardened and verified" in page
        assert ("ran under an emulator" in page) is (platform == "linux-arm64")

    # The archive is the same index, and another reader takes both.
    for source in ("oci:new:2", "oci-archive:new.tar:2"):
        copy = careen.folder / "copy"
        subprocess.check_call(
            ["skopeo", "copy", "--quiet", "--all", source, f"dir:{copy}"], cwd=careen.folder
        )
        assert json.loads((copy / "manifest.json").read_text()) == new
        shutil.rmtree(copy)


@pytest.mark.skopeo
@pytest.mark.registry
def test_an_index_goes_from_registry_to_registry(
    registry: Registry, index: Path, tmp_path: Path
) -> None:
    careen = Careen(tmp_path, {**NO_DAEMON, **registry.env})
    source, name = registry.image("team/platforms:1"), f"{registry.host}/team/platforms:1-hardened"
    registry.skopeo("copy", "--quiet", "--all", f"oci:{index}:1", source)
    words = ("--platform", "all", "--unrunnable", "keep", "-t", name, "--push", "--attach")
    document = careen("harden", source, *words, "--json", *JOB).document
    digest = registry.tagged("team/platforms", "1-hardened")
    assert document["promoted"] == [f"docker://{name}@{digest}"]
    assert document["digest"] == digest
    new = json.loads(registry.skopeo("inspect", "--raw", f"docker://{name}"))
    old = images(listed(index))
    assert {
        platform: item.get("annotations", {}).get(BASIS) for platform, item in images(new).items()
    } == {"linux/amd64": None, "linux/arm64": "emulated", "linux/s390x": "kept"}
    # The kept one is the original, with what is attested of it.
    kept = images(new)["linux/s390x"]
    assert kept["digest"] == old["linux/s390x"]["digest"]
    (about,) = attestations(new)
    assert about["annotations"] == {
        REFERENCE_TYPE: "attestation-manifest",
        REFERENCE_DIGEST: kept["digest"],
    }
    statement = registry.image(f"team/platforms@{about['digest']}")
    assert "in-toto" in registry.skopeo("inspect", "--raw", statement)
    # The documents are those of the platforms that ran.
    for platform, item in images(new).items():
        tag = item["digest"].replace(":", "-")
        assert (tag in registry.tags("team/platforms")) is (platform in RUN)


@pytest.mark.docker
def test_docker_runs_the_emulated_half(tmp_path: Path, index: Path) -> None:
    careen = Careen(tmp_path)
    words = ("--engine", "docker", "--platform", "linux/arm64", "-o", "oci:new", "--json")
    summary = careen("harden", f"oci:{index}:1", *words, *TESTED).document
    assert summary["sensor"]["emulated"] is True
    assert any("ran under an emulator" in note for note in summary["notes"])
    (only,) = json.loads((tmp_path / "new" / "index.json").read_text())["manifests"]
    assert blob(tmp_path / "new", only["digest"])["annotations"][BASIS] == "emulated"


def test_a_platform_that_cannot_be_run_loses_the_packages_that_others_do_without(
    careen: Careen, index: Path
) -> None:
    words = ("--platform", "linux/amd64,linux/s390x", "--unrunnable", "derive", "-o", "oci:new:2")
    careen("harden", f"oci:{index}:1", *words, *JOB)
    new = listed(careen.folder / "new")
    derived = images(new)["linux/s390x"]
    assert derived["annotations"][BASIS] == "derived"
    there = paths(careen.folder / "new", derived)
    assert UNUSED not in there
    assert "usr/bin/service" in there
    document = json.loads((careen.folder / "report" / "platforms.json").read_text())
    result = document["platforms"][1]
    assert (result["made"], result["removed_packages"]) == ("derived", ["idle"])
    assert result["summary"] is None
    plan = json.loads((careen.folder / "report" / "linux-s390x" / "plan.json").read_text())
    assert plan["basis"] == "derived"


def test_what_an_index_cannot_be_is_refused_before_any_work(careen: Careen, index: Path) -> None:
    source = f"oci:{index}:1"
    out = ("-o", "oci:new")
    for words, expected in (
        (("--platform", "all", *out), "linux/s390x cannot be run here: no handler of binfmt_misc"),
        (("--platform", "linux/amd64,linux/ppc64le", *out), "no image for linux/ppc64le"),
        (("--platform", "all", "-t", "app:1"), "an engine's store gets one platform"),
        (("--platform", "all", "-o", "./x.tar"), "write the index with -o oci-archive:x.tar"),
        (("--platform", "all", "--dry-run"), "--dry-run and several platforms"),
        (("--platform", "linux/s390x", *out), "linux/s390x cannot be run here"),
    ):
        line = careen.refused("harden", source, *words, *JOB)
        assert expected in line, line
    assert not (careen.folder / "new").exists()


def test_one_platform_that_fails_leaves_nothing(careen: Careen, index: Path) -> None:
    # A file that only one of them has.
    job = (*REPORT, "--ready", "exit", "--", "cat", f"/{AMD64.loader}")
    words = ("--platform", ",".join(RUN), "-o", "oci:new")
    ended = careen("harden", f"oci:{index}:1", *words, *job, status=1)
    assert "the workload fails on the original image" in ended.complaint
    assert "platform linux/arm64 of oci:" in ended.complaint
    assert careen.runs() == []
    assert sorted(path.name for path in careen.folder.iterdir()) == ["report", "work"]


def test_ctrl_c_between_platforms_leaves_nothing(careen: Careen, index: Path) -> None:
    words = ("--platform", ",".join(RUN), "-o", "oci:new", *JOB)
    ended = careen.interrupted(
        "harden", f"oci:{index}:1", *words, when="platform linux/arm64", by=signal.SIGINT
    )
    assert ended.status == 128 + signal.SIGINT
    assert careen.runs() == []
    assert sorted(path.name for path in careen.folder.iterdir()) == ["report", "work"]
