"""`careen harden` and the verbs around it, as commands, on a small real image and on all
engines.
"""

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.e2e.conftest import Service
from tests.support.careen_command import (
    NO_DAEMON,
    Careen,
    Ended,
    containers_of,
    docker,
    images_of,
    mounts_below,
)
from tests.support.engine_cases import ENGINES
from tests.support.service_image import (
    HALF_DATA,
    HALF_PROGRAM,
    HIDDEN,
    TOP,
    UNUSED,
    UNUSED_PATHS,
    USED_PATHS,
)

SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"
FETCH = 'curl -fsS "$BASE_URL/file/usr/share/half/used.txt" | grep -q "half of it"'
CASES = (
    'test -n "$CAREEN_IMAGE" && test -n "$CAREEN_CONTAINER" && test "$BASE_URL" ='
    ' "http://127.0.0.1:$CAREEN_PORT_8000" && echo "3 passed in 0.1s"'
)
INSIDE = "/usr/bin/service cat /app/current/settings.txt"


@dataclass(frozen=True, slots=True)
class Run:
    """One finished `careen harden`."""

    engine: str
    source: str
    tag: str | None
    careen: Careen
    ended: Ended
    service: Service

    @property
    def report(self) -> Path:
        return self.careen.folder / "report"

    def read(self, name: str) -> Any:
        return json.loads((self.report / name).read_text())

    @property
    def layout(self) -> "Layout":
        return Layout(self.careen.folder / "layout")


@dataclass(frozen=True, slots=True)
class Layout:
    """An OCI layout with one image, read by itself."""

    path: Path

    def blob(self, digest: str) -> bytes:
        data = (self.path / "blobs" / "sha256" / digest.removeprefix("sha256:")).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest.removeprefix("sha256:")
        return data

    @property
    def digest(self) -> str:
        (only,) = json.loads((self.path / "index.json").read_text())["manifests"]
        return str(only["digest"])

    @property
    def manifest(self) -> Any:
        return json.loads(self.blob(self.digest))

    @property
    def config(self) -> Any:
        return json.loads(self.blob(self.manifest["config"]["digest"]))

    @property
    def layers(self) -> list[bytes]:
        return [gzip.decompress(self.blob(item["digest"])) for item in self.manifest["layers"]]

    def paths(self) -> dict[str, tarfile.TarInfo]:
        """All entries; no layer of a stripped image needs a whiteout."""
        found: dict[str, tarfile.TarInfo] = {}
        for data in self.layers:
            with tarfile.open(fileobj=io.BytesIO(data)) as tar:
                found.update({f"/{member.name.strip('/')}": member for member in tar})
        assert not [path for path in found if "/.wh." in path]
        return found

    def text(self, path: str) -> str:
        for data in reversed(self.layers):
            with tarfile.open(fileobj=io.BytesIO(data)) as tar:
                for member in tar:
                    if f"/{member.name.strip('/')}" == path:
                        stream = tar.extractfile(member)
                        assert stream is not None
                        return stream.read().decode()
        raise FileNotFoundError(path)


@pytest.fixture(scope="module", params=ENGINES)
def run(
    request: pytest.FixtureRequest, service: Service, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Run]:
    engine = request.param
    folder = tmp_path_factory.mktemp(f"harden-{engine}")
    source, tag = f"docker-archive:{service.archive}", None
    careen = Careen(folder, NO_DAEMON)
    if engine != "embedded":
        request.getfixturevalue(f"in_{engine}")
        careen = Careen(folder)
        source, tag = service.name("original"), service.name("hardened")
    words = [
        "--test",
        FETCH,
        "--test",
        CASES,
        "--exec",
        INSIDE,
        "-o",
        "oci:layout:v1",
        "-o",
        f"docker-archive:new.tar:{service.name('archived')}",
    ]
    ended = careen(
        "harden",
        source,
        *(("-t", tag) if tag else ()),
        *words,
        "--report-dir",
        "report",
        "--engine",
        engine,
        "--json",
    )
    yield Run(engine, source, tag, careen, ended, service)
    if tag and engine == "docker":
        docker("image", "rm", tag)


def test_standard_output_is_the_summary_and_nothing_else(run: Run) -> None:
    assert run.ended.document == run.read("summary.json")
    assert run.ended.err == ""


def test_the_summary_says_what_became_of_the_image(run: Run) -> None:
    summary = run.ended.document
    before, after = summary["original"], summary["hardened"]
    assert before["reference"] == run.source
    assert after["reference"] == summary["promoted"][0] == (run.tag or "oci:layout:v1")
    assert (before["packages"], after["packages"]) == ({"deb": 3}, {"deb": 2})
    assert (before["setuid"], after["setuid"]) == (1, 0)
    assert (before["shells"], after["shells"]) == (
        1,
        1,
    )  # a script on PATH that no package brought is the application's
    assert (before["elf_files"], after["elf_files"]) == (1, 1)
    assert (before["executables"], after["executables"]) == (4, 2)
    assert after["size_bytes"] < before["size_bytes"]
    assert after["files"] == len(
        [member for member in run.layout.paths().values() if member.isfile()]
    )
    assert summary["sensor"]["kind"] == "ebpf"
    assert summary["sensor"]["events_lost"] == 0
    assert summary["checked"] == "tests"
    assert summary["tests"]["original"]["passed"] is summary["tests"]["hardened"]["passed"] is True
    assert all(
        summary["seconds"][stage] >= 0
        for stage in ("inspect", "profile", "plan", "strip", "verify", "total")
    )


@pytest.mark.parametrize("name", ["summary", "verify", "rbom", "plan"])
def test_documents_are_valid_by_their_schema(run: Run, name: str) -> None:
    schema = json.loads((SCHEMAS / f"{name}-1.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(run.read(f"{name}.json"))


def test_the_cyclonedx_document_is_valid(run: Run) -> None:
    document = (run.report / "rbom.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(document) is None
    assert json.loads(document)["specVersion"] == "1.6"


def test_every_test_ran_on_both_images(run: Run) -> None:
    verdict = run.read("verify.json")
    assert verdict["passed"] is True
    for side in ("original", "hardened"):
        (workload,) = verdict["workloads"][side]
        assert [test["command"] for test in workload["tests"]] == [FETCH, CASES, INSIDE]
        assert [test["cases"] for test in workload["tests"]] == [None, 3, None]
        assert "colour = teal" in (run.report / "logs" / side / "default.test-3.log").read_text()
        assert (run.report / "logs" / side / "default.log").is_file()


def test_what_was_used_is_in_the_result_and_the_rest_is_not(run: Run) -> None:
    paths = run.layout.paths()
    assert not [path for path in USED_PATHS if path not in paths]
    assert not [
        path for path in (*UNUSED_PATHS, HALF_PROGRAM, "/opt", "/opt/hidden.txt") if path in paths
    ]
    assert paths["/app/current"].linkname == "releases/2"
    assert paths["/app/releases/2"].linkname == "2.1"


def test_removed_bytes_are_in_no_layer(run: Run) -> None:
    before = b"".join(run.service.image.layers())
    assert UNUSED in before
    assert HIDDEN in before
    after = b"".join(run.layout.layers) + (run.careen.folder / "new.tar").read_bytes()
    assert b"half of it is used" in after
    assert UNUSED not in after
    assert HIDDEN not in after


def test_the_configuration_is_as_it_was(run: Run) -> None:
    config = run.layout.config
    before = run.service.image.config()
    assert config["config"] == before["config"]
    assert {name: config[name] for name in TOP} == TOP
    assert (config["architecture"], config["os"]) == ("amd64", "linux")
    assert config["created"] == "2024-01-02T03:04:05Z"


def test_history_and_annotations_lead_back(run: Run) -> None:
    layout, original = run.layout, run.ended.document["original"]["digest"]
    *before, last = layout.config["history"]
    assert [item["created_by"] for item in before] == ["layer 0", "layer 1", "layer 2"]
    assert last["created_by"].startswith("careen strip --level closure: removed ")
    assert original in last["comment"]
    annotations = layout.manifest["annotations"]
    assert annotations["io.careen.original.digest"] == original
    assert "org.opencontainers.image.base.digest" not in annotations  # the original names none
    plan = run.read("plan.json")
    assert annotations["io.careen.keep.sha256"] == plan["keep_sha256"]
    kept = sorted(path for group in plan["keep"] for path in group["paths"])
    assert (
        plan["keep_sha256"]
        == hashlib.sha256("".join(f"{path}\0" for path in kept).encode()).hexdigest()
    )
    assert (
        plan["rbom_sha256"] == hashlib.sha256((run.report / "rbom.json").read_bytes()).hexdigest()
    )


def test_the_package_database_tells_the_truth(run: Run) -> None:
    layout = run.layout
    status = layout.text("/var/lib/dpkg/status")
    assert [line for line in status.splitlines() if line.startswith("Package: ")] == [
        "Package: service",
        "Package: half",
    ]
    paths = layout.paths()
    listed = layout.text("/var/lib/dpkg/info/half.list").split()
    assert HALF_PROGRAM not in listed
    assert all(path in paths for path in listed if path != "/.")
    assert "/var/lib/dpkg/info/idle.list" not in paths
    assert "/usr/share/doc/half/copyright" in paths
    assert "/usr/share/doc/idle/copyright" not in paths


def test_the_report_explains_every_path(run: Run) -> None:
    plan = run.read("plan.json")
    decided = [
        path for side in ("keep", "remove") for group in plan[side] for path in group["paths"]
    ]
    assert len(decided) == len(set(decided))
    assert set(run.layout.paths()) <= {path for group in plan["keep"] for path in group["paths"]}
    why = run.careen("why", run.source, "/usr/bin/idle", "--report-dir", "report").out
    assert why.startswith("/usr/bin/idle is removed: not used by the workload")
    assert "owned by  idle 1.0-1" in why
    kept = run.careen(
        "why", run.source, "/app/releases/2", "--report-dir", "report", "--json"
    ).document
    assert (kept["decision"], kept["kind"], kept["target"]) == ("kept", "symlink", "2.1")
    assert kept["uses"][0]["executable"] == "/usr/bin/service"


def test_why_says_the_same_by_the_index_and_by_the_image(run: Run) -> None:
    """The ID in docker's store, or what an earlier run has verified, says which image it is."""
    (run.careen.folder / "plain").mkdir(exist_ok=True)
    for name in ("plan.json", "rbom.json"):
        (run.careen.folder / "plain" / name).write_bytes((run.report / name).read_bytes())
    for path in ("/usr/bin/idle", "/app/releases/2", "/etc"):
        by_index = run.careen("why", run.source, path, "--report-dir", "report", "--json")
        by_image = run.careen("why", run.source, path, "--report-dir", "plain", "--json")
        assert by_index.document == by_image.document
    told = run.careen("why", run.source, "/usr/bin/idle", "--report-dir", "report").err
    assert "inspect" not in told


def test_a_damaged_index_costs_why_time_and_not_the_answer(run: Run) -> None:
    damaged = run.careen.folder / "damaged"
    damaged.mkdir(exist_ok=True)
    for name in ("plan.json", "rbom.json"):
        (damaged / name).write_bytes((run.report / name).read_bytes())
    (damaged / "index.json").write_bytes((run.report / "index.json").read_bytes()[:-100])
    assert run.careen("why", run.source, "/usr/bin/idle", "--report-dir", "damaged").out.startswith(
        "/usr/bin/idle is removed"
    )


def test_diff_shows_what_went(run: Run) -> None:
    found = run.careen("diff", run.source, "oci:layout:v1", "--json").document
    assert [(item["name"], item["after"]) for item in found["packages"]] == [("idle", None)]
    assert found["setuid"] == {"added": [], "removed": ["/usr/bin/idle"]}
    assert found["config"] == []
    changed = {item["path"]: item["change"] for item in found["files"]}
    assert set(UNUSED_PATHS) <= set(changed)
    assert {path for path, change in changed.items() if change != "removed"} <= {
        "/var/lib/dpkg/status",
        "/var/lib/dpkg/info/half.list",
        "/var/lib/dpkg/info/half.md5sums",
    }
    assert run.careen("diff", "oci:layout:v1", "docker-archive:new.tar", "--quiet").out == "same\n"


def test_two_strips_from_one_rbom_have_one_digest(run: Run) -> None:
    digests = set()
    for name in ("one", "two"):
        words = (
            "strip",
            run.source,
            "--rbom",
            "report/rbom.json",
            "-o",
            f"oci:{name}",
            "-o",
            f"docker-archive:{name}.tar",
            "--quiet",
        )
        ended = run.careen(*words)
        layout = Layout(run.careen.folder / name)
        digests.add(
            (
                ended.out.split()[-1],
                layout.digest,
                layout.manifest["config"]["digest"],
                hashlib.sha256((run.careen.folder / f"{name}.tar").read_bytes()).hexdigest(),
            )
        )
    assert len(digests) == 1
    assert digests.pop()[1] == run.layout.digest


@pytest.mark.docker
def test_the_result_loads_and_runs_in_docker(run: Run, in_docker: Service) -> None:
    is_there = run.tag is not None and run.engine == "docker"
    name = run.tag if run.tag is not None and is_there else in_docker.name("archived")
    if not is_there:
        docker("load", "--input", str(run.careen.folder / "new.tar"))
    try:
        assert (
            docker("run", "--rm", name, "cat", "/usr/share/half/used.txt") == "half of it is used"
        )
        found = json.loads(docker("image", "inspect", name))[0]
        assert found["RootFS"]["Layers"] == run.layout.config["rootfs"]["diff_ids"]
        digests = [
            digest.rpartition("@")[2] for digest in found["RepoDigests"]
        ]  # a store of containerd names an image by its manifest
        assert found["Id"] in (run.layout.manifest["config"]["digest"], *digests)
    finally:
        if not is_there:
            docker("image", "rm", name)


@pytest.mark.skopeo
def test_an_independent_tool_reads_both_files(run: Run, tmp_path: Path) -> None:
    for source in ("oci:layout:v1", "docker-archive:new.tar"):
        subprocess.run(  # noqa: TID251
            ["skopeo", "copy", "--quiet", source, f"dir:{tmp_path / source[:3]}"],
            cwd=run.careen.folder,
            check=True,
            timeout=60,
        )
    assert json.loads((tmp_path / "oci" / "manifest.json").read_text())["layers"]


def test_nothing_is_left_behind(run: Run) -> None:
    assert run.careen.runs() == []
    assert mounts_below(run.careen.folder) == []
    assert (
        sorted(path.name for path in run.careen.folder.iterdir() if path.name.startswith(".")) == []
    )
    if run.engine == "docker":
        assert containers_of(run.service.mark) == []
        assert "<none>:<none>" not in images_of(run.service.mark)


@pytest.mark.runc
@pytest.mark.parametrize("level", ["observed", "package"])
def test_levels(level: str, service: Service, careen: Careen) -> None:
    careen(
        *("harden", f"docker-archive:{service.archive}", "-o", "oci:out", "--engine", "embedded", "--level", level, "--test", FETCH),
        *("--keep", "/opt/leftover.txt", "--remove", "/etc/os-release"),
    )  # fmt: skip
    paths = Layout(careen.folder / "out").paths()
    assert not [path for path in USED_PATHS if path not in paths]
    assert (HALF_DATA in paths, HALF_PROGRAM in paths) == ((level == "package"),) * 2
    assert "/usr/bin/idle" not in paths
    assert "/opt/leftover.txt" in paths
    assert "/etc/os-release" not in paths


@pytest.mark.parametrize("engine", ENGINES)
def test_without_tests_it_says_that_only_readiness_was_checked(
    engine: str, request: pytest.FixtureRequest, service: Service, careen: Careen
) -> None:
    if engine == "docker":
        request.getfixturevalue("in_docker")
    source = f"docker-archive:{service.archive}"
    ended = careen(
        "harden",
        source,
        "-o",
        "oci:out",
        "--engine",
        engine,
        "--observe",
        "1s",
        "--ready",
        "/health",
    )
    assert "only readiness was checked" in " ".join(ended.out.split())
    summary = json.loads((careen.folder / "careen-out" / "out" / "summary.json").read_text())
    assert summary["checked"] == "readiness only"
    assert summary["tests"] is None
    assert "/usr/share/half/used.txt" not in Layout(careen.folder / "out").paths()
    if engine == "docker":
        assert "<none>:<none>" not in images_of(service.mark)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_batch_job_and_a_test_that_sees_its_volume(
    engine: str, request: pytest.FixtureRequest, service: Service, careen: Careen
) -> None:
    if engine == "docker":
        request.getfixturevalue("in_docker")
    out = careen.folder / "volume"
    out.mkdir()
    words = [
        "harden",
        f"docker-archive:{service.archive}",
        "-o",
        "oci:out",
        "--engine",
        engine,
        "--quiet",
        "--ready",
        "exit",
        "--user",
        "0",
        "--level",
        "observed",
    ]
    words += [
        "-v",
        f"{out}:/results",
        "--test",
        f"grep -q half {out}/copied.txt && rm {out}/copied.txt",
    ]
    ended = careen(*words, "--", "copy", "/usr/share/half/used.txt", "/results/copied.txt")
    layout = Layout(careen.folder / "out")
    assert (
        ended.out == "oci:out"
        f" {json.loads((careen.folder / 'careen-out/out/summary.json').read_text())['hardened']['digest']}\n"
    )
    assert ended.err == ""
    paths = layout.paths()
    assert "/usr/share/half/used.txt" in paths
    assert "/usr/share/service/model.bin" not in paths
    assert "/usr/share/half/copied.txt" not in paths


TOML = """
image = "{source}"
output = ["oci:out:2"]
level = "observed"
[workload.serve]
test = ['{test}']
[workload.batch]
ready = "exit"
args = ["cat", "/usr/share/half/unused.txt"]
"""


@pytest.mark.root
@pytest.mark.runc
@pytest.mark.bpf
def test_several_workloads_of_careen_toml(service: Service, offline: Careen) -> None:
    (offline.folder / "careen.toml").write_text(
        TOML.format(source=f"docker-archive:{service.archive}", test=FETCH)
    )
    summary = offline("harden", "--json").document
    assert summary["workloads"] == ["serve", "batch"]
    assert summary["checked"] == "exit status"
    paths = Layout(offline.folder / "out").paths()
    assert {HALF_DATA, "/usr/share/half/used.txt"} <= set(paths)
    assert HALF_PROGRAM not in paths
    offline("harden", "--json", "--workload", "serve", "-o", "oci:narrow")
    assert HALF_DATA not in Layout(offline.folder / "narrow").paths()


@pytest.mark.root
@pytest.mark.runc
@pytest.mark.bpf
def test_profiles_are_merged_and_planning_needs_them_alone(
    service: Service, offline: Careen
) -> None:
    source = f"docker-archive:{service.archive}"
    for name, path in (("one", "/usr/share/half/used.txt"), ("two", HALF_DATA)):
        words = (
            "profile",
            source,
            "--ready",
            "exit",
            "-o",
            f"{name}.json",
            "--cyclonedx",
            f"{name}.cdx.json",
            "--quiet",
            "--",
            "cat",
            path,
        )
        assert offline(*words).out == f"{name}.json\n"
    merged = offline(
        "profile", "--merge", "one.json", "two.json", "-o", "both.json", "--json"
    ).document
    assert merged == json.loads((offline.folder / "both.json").read_text())
    assert len(merged["runs"]) == 2
    assert {"/usr/share/half/used.txt", HALF_DATA} <= {item["path"] for item in merged["files"]}
    backwards = offline(
        "profile", "--merge", "two.json", "one.json", "-o", "again.json", "--json"
    ).document
    assert backwards["files"] == merged["files"]
    shown = offline("plan", source, "--rbom", "both.json", "--level", "observed", "-o", "plan.json")
    assert "written: plan.json" in shown.out
    offline("strip", source, "--plan", "plan.json", "-o", "oci:out")
    assert {"/usr/share/half/used.txt", HALF_DATA} <= set(Layout(offline.folder / "out").paths())
    why = offline("why", source, "/bin/sh", "--plan", "plan.json", "--rbom", "both.json").out
    assert why.startswith("/bin/sh is removed")


@pytest.mark.root
@pytest.mark.runc
@pytest.mark.bpf
def test_an_oci_layout_gets_another_image_beside_the_one_it_has(
    service: Service, offline: Careen
) -> None:
    source = f"docker-archive:{service.archive}"
    offline("profile", source, "--ready", "exit", "--quiet", "--", "cat", HALF_DATA)
    offline("strip", source, "--rbom", "rbom.json", "-o", "oci:out:one")
    offline("strip", source, "--rbom", "rbom.json", "-o", "oci:out:two", "--level", "observed")
    index = json.loads((offline.folder / "out" / "index.json").read_text())
    assert [
        item["annotations"]["org.opencontainers.image.ref.name"] for item in index["manifests"]
    ] == ["one", "two"]
    assert offline("diff", "oci:out:one", "oci:out:two", "--quiet").out == "different\n"


@pytest.mark.root
@pytest.mark.runc
@pytest.mark.bpf
def test_doctor_finds_the_machine_able(offline: Careen) -> None:
    rows = {row["name"]: row for row in offline("doctor", "--json").document}
    assert rows["engine embedded"]["health"] == "good"
    assert rows["engine docker"]["health"] == "limited"
    assert rows["engine docker"]["remedy"]
    assert rows["sensor ebpf"]["health"] == "good"
    assert "engine embedded" in offline("doctor").out
    quiet = offline("doctor", "--quiet").out
    assert "limited: engine docker: " in quiet
    assert "engine embedded" not in quiet


def test_help_and_version_need_nothing(careen: Careen) -> None:
    assert careen("--version").out.startswith("careen ")
    for verb in ("harden", "profile", "plan", "strip", "why", "diff", "doctor"):
        assert careen(verb, "--help").out.startswith(f"Usage: careen {verb} ")
    assert not careen.work.exists()
