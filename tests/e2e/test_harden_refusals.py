"""`careen harden` where it must refuse: one clear line, the right exit status, nothing promoted,
nothing left.
"""

import json
from pathlib import Path

import jsonschema
import pytest

from tests.e2e.conftest import Service
from tests.support.careen_command import (
    Careen,
    containers_of,
    docker,
    images_of,
    mounts_below,
    until,
)
from tests.support.images import file, layer, oci_layout
from tests.support.tmpfs import mounted

SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"
FETCH = 'curl -fsS "$BASE_URL/file/usr/share/half/used.txt" > /dev/null'
BOTH = [
    pytest.param("docker", marks=[pytest.mark.docker]),
    pytest.param("embedded", marks=[pytest.mark.runc]),
]

pytestmark = [pytest.mark.root, pytest.mark.bpf]


@pytest.fixture
def source(service: Service) -> str:
    return f"docker-archive:{service.archive}"


# The image


@pytest.mark.docker
@pytest.mark.skopeo
def test_an_image_that_docker_does_not_have(careen: Careen) -> None:
    name = "careen-test/no-such-image:1"
    words = ("harden", name, "-o", "oci:out", "--test", "true")
    assert careen.refused(*words).startswith(
        f"image {name!r}: no engine's store has it; asking the registry for"
        f" docker://docker.io/{name}: registry docker.io is blocked in "
    )
    assert (
        careen.refused(*words, "--pull", "never")
        == f"no image {name!r} in docker's store; `docker pull {name}` or build it first"
    )


def test_a_name_while_no_daemon_answers(offline: Careen) -> None:
    words = ("harden", "some:image", "-o", "oci:out", "--test", "true", "--pull", "never")
    line = offline.refused(*words)
    assert "image 'some:image' is in a container engine's store, and docker cannot be used" in line
    assert "(`careen doctor` says what to do); or name a file" in line


def test_a_tag_while_no_daemon_answers_is_refused_before_any_work(
    offline: Careen, source: str
) -> None:
    line = offline.refused("harden", source, "-t", "some:tag", "--test", "true")
    assert line.startswith("-t some:tag: tags live in an engine's store, and docker cannot be used")
    assert "-o" in line


@pytest.mark.parametrize("size", [0, 5000, 400_000, 900_000])
def test_a_truncated_archive(offline: Careen, service: Service, size: int) -> None:
    (offline.folder / "cut.tar").write_bytes(service.archive.read_bytes()[:size])
    line = offline.refused("harden", "docker-archive:cut.tar", "-o", "oci:out", "--test", "true")
    assert "cut.tar" in line
    assert not (offline.folder / "out").exists()


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("docker-archive:absent.tar", "absent.tar"),
        ("oci:absent", "absent"),
        ("docker-archive:", "no path"),
        ("docker-daemon:alpine", "does not read this transport; type alpine alone"),
        ("Not An Image", "not an image name"),
        ("--quiet", "no image"),
    ],
)
def test_an_image_that_cannot_be_opened(offline: Careen, image: str, words: str) -> None:
    assert words in offline.refused("harden", image, "-o", "oci:out", "--test", "true")


def test_a_message_does_not_steer_the_terminal(offline: Careen) -> None:
    done = offline("plan", "oci:none", "--rbom", "\x1b]0;title\x07\x1b[31m\u202e\udce9", status=1)
    assert (
        done.complaint
        == r"careen: \x1b]0;title\x07\x1b[31m\u202e\udce9: cannot be read: No such file or"
        r" directory"
    )


def test_a_message_has_an_end(offline: Careen) -> None:
    (offline.folder / "saved.tar").write_bytes(
        layer(file("manifest.json", f'[{{"{"x" * 1_000_000}": 1, "{"x" * 1_000_000}": 2}}]'))
    )
    done = offline("diff", "docker-archive:saved.tar", "docker-archive:saved.tar", status=1)
    assert done.complaint.startswith(
        "careen: docker-archive:saved.tar: manifest.json: not valid JSON: key 'xxx"
    )
    assert len(done.complaint) < 5000


def test_a_platform_that_the_index_does_not_have(offline: Careen, service: Service) -> None:
    oci_layout(offline.folder / "layout", service.image.layers(), config=service.image.config())
    line = offline.refused(
        "harden", "oci:layout", "-o", "oci:out", "--test", "true", "--platform", "linux/arm64"
    )
    assert "linux/arm64" in line
    assert "linux/amd64" in line


# The command line and careen.toml


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "no destination: give -t TAG"),
        (("-o", "out.tar"), "docker-archive:FILE[:REF], ./FILE.tar or ./DIR/"),
        (("-o", "./out"), "write ./NAME.tar for an archive, or ./DIR/ for an OCI image layout"),
        (("--push",), "--push: pushes to the registry of a name; give it with -t NAME"),
        (("-o", "oci:out", "--attach"), "attaches to a result in a registry; give --push or"),
        (("-o", "oci:no/such/place"), "does not exist"),
        (("-o", "docker-archive:full"), "exists and is not a file"),
        (("-o", "docker-archive:/dev/null"), "exists and is not a file"),
        (("-o", "oci:full"), "exists and is not an OCI image layout"),
        (("-t", "Not A Tag"), "not an image name"),
        (("-t", "oci:out"), "not a name for an engine's store"),
        (("-o", "oci:out", "--test-timeout", "soon"), "soon"),
        (("-o", "oci:out", "--ready", "tcp:http"), "tcp:http"),
        (("-o", "oci:out", "--platform", "linux"), "expected OS/ARCH"),
        (("-o", "oci:out", "--level", "most"), "most"),
        (("-o", "oci:out", "--nonsense"), "--nonsense"),
        (("-o", "oci:out", "--keep-from", "absent.txt"), "absent.txt"),
        (("-o", "oci:out", "--rules", "absent.toml"), "absent.toml"),
        (("-o", "oci:out", "-v", "relative:also-relative"), "also-relative"),
        (("-o", "oci:out", "-p", "port"), "port"),
        (("-o", "oci:out", "--workload", "serve"), "there is no careen.toml"),
    ],
)
def test_options_that_make_no_sense(
    offline: Careen, source: str, words: tuple[str, ...], complaint: str
) -> None:
    (offline.folder / "full").mkdir()
    (offline.folder / "full" / "file").touch()
    assert complaint in offline.refused("harden", source, "--test", FETCH, *words)
    assert sorted(
        path.name for path in offline.folder.iterdir() if path.name not in ("work", "careen-out")
    ) == ["full"]


def test_a_workload_that_checks_nothing(offline: Careen, source: str) -> None:
    assert "no tests: give --test or --exec, or --observe" in offline.refused(
        "harden", source, "-o", "oci:out"
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("image = 3\n", "careen.toml:1: image: expected text, got 3 (integer)"),
        (
            'level = "closure"\n[workload.web]\nready = "exit"\ntest = "true"\nobserved = "1s"\n',
            "careen.toml:5: ",
        ),
        ("[workload.web]\ntest = [1]\n", "careen.toml:2: "),
        ("image = \n", "careen.toml"),
        ("\xff\xfe", "careen.toml"),
        ("[workload]\n", "no image"),
    ],
)
def test_a_careen_toml_that_is_wrong_names_the_line(
    offline: Careen, text: str, complaint: str
) -> None:
    (offline.folder / "careen.toml").write_bytes(text.encode("latin-1"))
    assert complaint in offline.refused("harden", "-o", "oci:out")


def test_a_workload_in_two_places(offline: Careen, source: str) -> None:
    (offline.folder / "careen.toml").write_text('[workload.web]\ntest = ["true"]\n')
    assert "careen.toml describes workloads already" in offline.refused(
        "harden", source, "-o", "oci:out", "--test", "true"
    )


# The workload


@pytest.mark.parametrize("engine", BOTH)
def test_a_test_that_fails_on_the_original(
    engine: str, request: pytest.FixtureRequest, service: Service, careen: Careen, source: str
) -> None:
    if engine == "docker":
        request.getfixturevalue("in_docker")
    words = (
        "harden",
        source,
        "-o",
        "oci:out",
        "--engine",
        engine,
        "--test",
        "true",
        "--test",
        "echo it is broken; exit 7",
    )
    assert (
        careen.refused(*words)
        == "the tests fail on the original image: workload 'default': --test 'echo it is broken;"
        " exit 7' failed (exit status 7): it is broken; logs in careen-out/out/logs/original"
    )
    assert not (careen.folder / "out").exists()
    verdict = json.loads((careen.folder / "careen-out" / "out" / "verify.json").read_text())
    assert (verdict["passed"], verdict["workloads"]["hardened"]) == (False, [])
    assert (
        careen.folder / "careen-out/out/logs/original/default.test-2.log"
    ).read_text() == "it is broken\n"
    if engine == "docker":
        assert containers_of(service.mark) == []
        assert "<none>:<none>" not in images_of(service.mark)


@pytest.mark.runc
def test_a_container_that_ends_at_once(offline: Careen, source: str) -> None:
    line = offline.refused("harden", source, "-o", "oci:out", "--test", "true", "--", "exit", "3")
    assert line.startswith(
        "the workload fails on the original image: workload 'default': the container ended before"
        " it was ready (exit status 3"
    )
    line = offline.refused(
        "harden", source, "-o", "oci:out", "--test", "true", "--entrypoint", "/no/such/program"
    )
    assert "the container cannot be started" in line
    assert "/no/such/program" in line


@pytest.mark.runc
def test_a_batch_job_that_fails_or_does_not_end(offline: Careen, source: str) -> None:
    line = offline.refused("harden", source, "-o", "oci:out", "--ready", "exit", "--", "exit", "9")
    assert "the batch job failed (exit status 9" in line
    line = offline.refused(
        "harden",
        source,
        "-o",
        "oci:out",
        "--ready",
        "exit",
        "--test-timeout",
        "1s",
        "--",
        "sleep",
        "600",
    )
    assert "the batch job did not end in 1 s" in line


@pytest.mark.runc
def test_a_service_that_never_gets_ready(offline: Careen, source: str) -> None:
    line = offline.refused(
        "harden",
        source,
        "-o",
        "oci:out",
        "--test",
        "true",
        "--ready",
        "log:never",
        "--ready-timeout",
        "1s",
    )
    assert "not ready after 1 s" in line
    assert "colour = teal" in line


@pytest.mark.parametrize("engine", BOTH)
def test_a_test_that_hangs_is_ended_with_all_that_it_started(
    engine: str, request: pytest.FixtureRequest, careen: Careen, source: str
) -> None:
    if engine == "docker":
        request.getfixturevalue("in_docker")
    hang = f"setsid sleep 987654 & echo $! > {careen.folder}/pid; sleep 987654"
    line = careen.refused(
        "harden",
        source,
        "-o",
        "oci:out",
        "--engine",
        engine,
        "--test",
        hang,
        "--test-timeout",
        "1s",
    )
    assert "did not finish in 1 s and was ended" in line
    pid = int((careen.folder / "pid").read_text())
    until(lambda: not Path(f"/proc/{pid}").exists())


LIMIT = {
    "docker": 'docker update --memory 24m --memory-swap 24m "$CAREEN_CONTAINER"',
    "embedded": (
        'for file in $(find /sys/fs/cgroup -path "*/$CAREEN_CONTAINER/memory.limit_in_bytes" -o'
        ' -path "*/$CAREEN_CONTAINER/memory.max"); do echo 24M > $file; done'
    ),
}


@pytest.mark.parametrize("engine", BOTH)
def test_a_container_that_is_killed_for_memory(
    engine: str, request: pytest.FixtureRequest, careen: Careen, source: str
) -> None:
    if engine == "docker":
        request.getfixturevalue("in_docker")
    greedy = f'{LIMIT[engine]}; curl -sS "$BASE_URL/eat"'
    line = careen.refused("harden", source, "-o", "oci:out", "--engine", engine, "--test", greedy)
    assert (
        "the container ended during the tests (exit status 137 by SIGKILL, killed because it ran"
        " out of memory" in line
    )
    assert not (careen.folder / "out").exists()


# The hardened image


def break_it(careen: Careen, source: str, engine: str, *more: str) -> str:
    """Harden with a file removed that a test needs."""
    words = (
        "harden",
        source,
        "--engine",
        engine,
        "--test",
        "true",
        "--test",
        FETCH,
        "--remove",
        "/usr/share/half/used.txt",
        "--report-dir",
        "report",
    )
    return careen.refused(*words, "--repair-rounds", "0", *more, status=3)


@pytest.mark.docker
def test_a_test_that_fails_only_on_the_hardened_image_leaves_the_tag_alone(
    in_docker: Service, careen: Careen
) -> None:
    original, tag = in_docker.name("original"), in_docker.name("result")
    (careen.folder / "report").mkdir()
    (careen.folder / "report" / "summary.json").write_text("{}")
    docker("tag", original, tag)
    before = docker("image", "inspect", "--format", "{{.Id}}", tag)
    try:
        line = break_it(careen, original, "docker", "-t", tag, "-o", "oci:out")
        assert docker("image", "inspect", "--format", "{{.Id}}", tag) == before
    finally:
        docker("image", "rm", tag)
    assert line.startswith(
        f"verification failed, nothing was promoted: workload 'default': --test {FETCH!r} failed"
        " (exit status 22)"
    )
    assert "looked up removed paths: /usr/share/half/used.txt" in line
    assert line.endswith("see report/verify.json, logs in report/logs/hardened")
    assert not (careen.folder / "out").exists()
    assert containers_of(in_docker.mark) == []
    assert "<none>:<none>" not in images_of(in_docker.mark)
    assert docker("image", "inspect", "--format", "{{.Id}}", original) == before


@pytest.mark.runc
def test_the_verdict_tells_all_of_it(offline: Careen, source: str) -> None:
    line = break_it(
        offline, source, "embedded", "-o", "oci:out", "-o", "docker-archive:out.tar", "--json"
    )
    assert "looked up removed paths: /usr/share/half/used.txt" in line
    verdict = json.loads((offline.folder / "report" / "verify.json").read_text())
    jsonschema.Draft202012Validator(
        json.loads((SCHEMAS / "verify-1.schema.json").read_text())
    ).validate(verdict)
    assert verdict["passed"] is False
    assert [test["passed"] for test in verdict["workloads"]["hardened"][0]["tests"]] == [
        True,
        False,
    ]
    assert [item["path"] for item in verdict["looked_for_in_vain"]["default"]] == [
        "/usr/share/half/used.txt"
    ]
    assert sorted(path.name for path in offline.folder.iterdir()) == ["report", "work"]
    assert sorted(path.name for path in (offline.folder / "report").iterdir()) == [
        "adequacy.json",
        "index.json",
        "logs",
        "plan.json",
        "rbom.cdx.json",
        "rbom.json",
        "verify.json",
    ]
    assert "no file" not in line


@pytest.mark.runc
def test_a_result_that_does_not_even_start(offline: Careen, source: str) -> None:
    words = (
        "harden",
        source,
        "-o",
        "oci:out",
        "--test",
        FETCH,
        "--remove",
        "/app/releases/2.1/settings.txt",
        "--repair-rounds",
        "0",
    )
    line = offline.refused(*words, status=3)
    assert "the container ended before it was ready (exit status 4" in line
    assert "looked up removed paths: /app/releases/2.1/settings.txt" in line


@pytest.mark.runc
def test_evidence_of_another_image_is_refused(
    offline: Careen, service: Service, source: str
) -> None:
    oci_layout(offline.folder / "other", service.image.layers()[:1], config=service.image.config())
    offline("profile", source, "--ready", "exit", "-q", "--", "cat", "/etc/passwd")
    offline("plan", source, "--rbom", "rbom.json", "-q")
    assert "another image" in offline.refused(
        "strip", "oci:other", "--plan", "plan.json", "-o", "oci:out"
    )
    assert "image" in offline.refused("strip", "oci:other", "--rbom", "rbom.json", "-o", "oci:out")
    assert "another image" in offline.refused(
        "why", "oci:other", "/etc/passwd", "--plan", "plan.json", "--rbom", "rbom.json"
    )
    assert "/no/such/path" in offline.refused(
        "why", source, "/no/such/path", "--plan", "plan.json", "--rbom", "rbom.json"
    )
    assert "give either --plan" in offline.refused("strip", source, "-o", "oci:out")
    assert "expected RBOM files, got none" in offline.refused("profile", "--merge")
    assert not (offline.folder / "out").exists()


# The machine


@pytest.mark.runc
def test_a_work_directory_that_cannot_be_used(offline: Careen, source: str) -> None:
    words = ("harden", source, "-o", "oci:out", "--test", FETCH, "--work-dir")
    (offline.folder / "file").touch()
    assert "file" in offline.refused(*words, "file")
    assert "name another one with --work-dir" in offline.refused(*words, "/proc/nowhere")
    with mounted(offline.folder / "readonly", "ro"):
        line = offline.refused(*words, "readonly")
    assert "Read-only file system" in line
    assert "name another one with --work-dir" in line


@pytest.mark.parametrize(
    ("engine", "options", "stage"),
    [
        pytest.param("docker", "size=64k,nr_inodes=2", "", marks=[pytest.mark.docker]),
        pytest.param("docker", "size=32k", "inspect", marks=[pytest.mark.docker]),
        pytest.param("embedded", "size=400k", "profile", marks=[pytest.mark.runc]),
    ],
)
def test_a_full_work_directory(
    engine: str,
    options: str,
    stage: str,
    request: pytest.FixtureRequest,
    service: Service,
    careen: Careen,
) -> None:
    source = (
        request.getfixturevalue("in_docker").name("original")
        if engine == "docker"
        else f"docker-archive:{service.archive}"
    )
    with mounted(careen.work, options):
        ended = careen(
            "harden", source, "-o", "oci:out", "--engine", engine, "--test", FETCH, status=1
        )
        assert list(careen.work.iterdir()) == []
        assert mounts_below(careen.work) == []
    assert len(ended.complaint.splitlines()) == 1
    assert "no space left" in ended.complaint.lower()
    assert "--work-dir" in ended.complaint
    assert not stage or f"careen: {stage}: failed in" in ended.err
    assert not (careen.folder / "out").exists()
    if engine == "docker":
        assert containers_of(service.mark) == []
        assert "<none>:<none>" not in images_of(service.mark)


@pytest.mark.runc
def test_a_full_disk_while_layers_are_unpacked(offline: Careen, service: Service) -> None:
    oci_layout(
        offline.folder / "packed",
        service.image.layers(),
        compression="zstd",
        config=service.image.config(),
    )
    with mounted(offline.work, "size=400k"):
        line = offline.refused("harden", "oci:packed", "-o", "oci:out", "--test", FETCH)
        assert list(offline.work.iterdir()) == []
    assert "no space left on device" in line.lower()
    assert "--work-dir" in line


@pytest.mark.runc
@pytest.mark.parametrize(
    "place", ["oci:small/out", "docker-archive:small/out.tar", "oci:small/layout:new"]
)
def test_a_full_disk_under_one_output_leaves_none_of_them(
    offline: Careen, service: Service, source: str, place: str
) -> None:
    with mounted(offline.folder / "small", "size=300k") as small:
        oci_layout(small / "layout", service.image.layers()[1:2], tag="old")
        before = {path: path.read_bytes() for path in small.rglob("*") if path.is_file()}
        line = offline.refused("harden", source, "-o", "oci:first", "-o", place, "--test", FETCH)
        assert {path: path.read_bytes() for path in small.rglob("*") if path.is_file()} == before
        assert sorted(path.name for path in small.iterdir()) == ["layout"]
    assert "no space left on device" in line.lower()
    assert "small" in line
    assert not (offline.folder / "first").exists()


def test_a_report_directory_that_cannot_be_is_found_out_before_the_profile(
    offline: Careen, source: str
) -> None:
    (offline.folder / "report").touch()
    ended = offline(
        "harden", source, "-o", "oci:out", "--test", FETCH, "--report-dir", "report/below", status=1
    )
    assert "profile" not in ended.err
    assert ended.complaint.startswith("careen: writing the report: 'report/below': ")
    assert ended.complaint.endswith("name another place with --report-dir")


@pytest.mark.runc
def test_a_full_disk_under_the_report(offline: Careen, source: str) -> None:
    with mounted(offline.folder / "report", "size=8k"):
        line = offline.refused(
            "harden", source, "-o", "oci:out", "--test", FETCH, "--report-dir", "report/of"
        )
        assert not list((offline.folder / "report").rglob(".careen-*"))
    assert "No space left on device" in line
    assert not (offline.folder / "out").exists()


@pytest.mark.runc
def test_a_summary_that_cannot_be_written_does_not_hide_that_the_image_is_promoted(
    offline: Careen, source: str
) -> None:
    words = (
        "harden",
        source,
        "-o",
        "oci:out",
        "--report-dir",
        "report",
        "--test",
        "mkdir -p report/summary.json",
    )
    line = offline.refused(*words)
    assert "'report/summary.json': Is a directory" in line
    assert line.endswith("(also: the image passed, and is promoted: oci:out)")
    assert (offline.folder / "out" / "index.json").is_file()
