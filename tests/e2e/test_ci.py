"""`careen ci` as a command: what it takes for the last result, what it refuses, and what a run leaves
that failed or was killed.
"""

import json
import re
import shlex
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.e2e.conftest import Service
from tests.e2e.test_watch import advise
from tests.support.careen_command import NO_DAEMON, Careen, docker
from tests.support.cosign import PASSWORD, new_keys
from tests.support.debian_registry import Registry
from tests.support.feeds import KEV, TRACKER, write_feeds
from tests.support.images import docker_archive, file, layer
from tests.support.maven_folder import flaw, maven_jar, publish

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schema/ci-1.schema.json").read_text())
FETCH = """curl -fsS "$BASE_URL/file/usr/share/half/used.txt" """
CONFIG = """
explore = "off"
[ci]
name = "web"
image = "{image}"
output = "oci:careen-ci/web.oci:hardened"
{more}
[workload.serve]
test = '''{test}'''
"""


def configure(careen: Careen, image: str, test: str = FETCH, more: str = "") -> None:
    (careen.folder / "careen.toml").write_text(CONFIG.format(image=image, test=test, more=more))


def ran(careen: Careen, *words: str, status: int = 0) -> Any:
    """Run it; what it prints is by the schema, and what it wrote."""
    found = careen("ci", "--json", *words, status=status).document
    jsonschema.validate(found, SCHEMA)
    written = json.loads((careen.folder / "careen-ci/web/ci.json").read_text())
    assert written == found
    assert found["status"] == status
    return found


@pytest.fixture
def ready(offline: Careen, service: Service) -> Careen:
    """Return careen with an advisory database, and the small image as a file."""
    write_feeds(offline.folder / "feeds")
    offline("db", "import", offline.folder / "feeds", "-q")
    shutil.copy(service.archive, offline.folder / "web.tar")
    configure(offline, "./web.tar")
    return offline


def another(careen: Careen, service: Service, text: str) -> None:
    """Put another application layer on the image."""
    layers = (*service.image.layers(), layer(file("app/version.txt", text.encode())))
    docker_archive(careen.folder / "web.tar", layers, ("web:1",), service.image.config())


@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.runc
def test_the_last_result_counts_only_while_it_is_whole(ready: Careen) -> None:
    folder = ready.folder / "careen-ci/web"
    first = ran(ready)
    assert (first["step"], first["reasons"]) == ("whole", ["no earlier result of this name"])
    again = ran(ready)
    assert (again["step"], again["result"]) == ("check", first["result"])
    assert again["findings"]["total"] == first["findings"]["total"] > 0
    assert (again["findings"]["new"], again["findings"]["closed"]) == ([], [])

    plan = folder / "evidence/plan.json"
    plan.write_bytes(plan.read_bytes() + b" ")
    found = ran(ready)
    assert found["step"] == "whole"
    assert found["reasons"] == [
        f"the evidence of the last run was changed: {plan.relative_to(ready.folder)}"
    ]

    index = ready.folder / "careen-ci/web.oci/index.json"
    index.write_bytes(index.read_bytes() + b" ")
    assert "is another image than the one that was verified" in ran(ready)["reasons"][0]
    shutil.rmtree(ready.folder / "careen-ci/web.oci")
    assert ran(ready)["reasons"] == ["the result oci:careen-ci/web.oci:hardened is gone"]

    (folder / "result.index.zst").write_bytes(b"\x28\xb5\x2f\xfd cut")
    assert ran(ready)["reasons"] == ["the stored inventory is gone"]
    (folder / "state.json").write_text("{")
    found = ran(ready)
    assert found["reasons"] == ["no earlier result of this name"]
    assert "the state of the last run is not used" in found["decide"][-1]
    assert ran(ready)["step"] == "check"


@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.runc
def test_gates_and_exceptions_are_those_of_today(ready: Careen) -> None:
    ran(ready)
    configure(ready, "./web.tar", more='fail_on = ["high"]')
    crossed = ran(ready, status=2)
    assert crossed["step"] == "check"
    (sentence,) = crossed["crossed"]
    comment = (ready.folder / "careen-ci/web/comment.md").read_text()
    assert "❌ careen harden web: a threshold is crossed" in comment
    assert "CVE-2024-1003" in sentence
    assert ready("ci", "-q", status=2).out.startswith("✗ web: a threshold is crossed")

    exceptions = ready.folder / ".careenignore"
    exceptions.write_text('CVE-2024-1003 until=2999-12-31 reason="reviewed"\n')
    excused = ran(ready)
    assert (excused["step"], excused["crossed"]) == ("check", [])
    assert [each["id"] for each in excused["findings"]["excepted"]] == ["CVE-2024-1003"]
    assert excused["findings"]["closed"] == []
    exceptions.write_text('CVE-2024-1003 until=2020-12-31 reason="reviewed"\n')
    expired = ran(ready, status=2)
    assert any("expired on 2020-12-31" in each for each in expired["decide"])


@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.runc
def test_a_new_advisory_is_told_without_a_run(ready: Careen) -> None:
    first = ran(ready)
    entry = {
        "status": "resolved",
        "fixed_version": "1.0-9",
        "repositories": {"bookworm": "1.0-1"},
        "urgency": "high",
    }
    feeds = ready.folder / "feeds-2"
    feeds.mkdir()
    more = {"CVE-2026-9001": {"releases": {"bookworm": entry}}}
    tracker = {**TRACKER, "service": {**TRACKER["service"], **more}}
    (feeds / "one").write_text(json.dumps(tracker))
    (feeds / "three").write_text(json.dumps(KEV))
    ready("db", "import", feeds, "-q")
    found = ran(ready)
    assert (found["step"], found["seconds"] < found["work_seconds"]) == ("scan", True)
    (new,) = found["findings"]["new"]
    assert (new["id"], new["fixed"]) == ("CVE-2026-9001", ["1.0-9"])
    assert found["findings"]["total"] == first["findings"]["total"] + 1
    comment = (ready.folder / "careen-ci/web/comment.md").read_text()
    assert "**Worse than the last run**: 1 new finding" in comment
    assert "- CVE-2026-9001 in service 1.0-1" in comment
    assert "1.0-9" in comment.partition("**Versions that close findings**")[2]
    sarif = json.loads((ready.folder / "careen-ci/web/findings.sarif").read_text())
    assert "CVE-2026-9001" in [rule["id"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]]
    assert ran(ready)["step"] == "check"
    (ready.folder / "web.tar").unlink()
    assert "web.tar" in ready.refused("ci")


@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.runc
def test_a_failure_keeps_the_last_result(ready: Careen, service: Service) -> None:
    first = ran(ready)
    evidence = ready.folder / "careen-ci/web/evidence"
    manifest = (evidence / "manifest.json").read_bytes()
    index = (ready.folder / "careen-ci/web.oci/index.json").read_bytes()
    another(ready, service, "2")
    configure(ready, "./web.tar", "false")
    failed = ran(ready, status=1)
    assert failed["step"] == "whole"
    assert "exit status 1" in failed["failure"]
    assert failed["result"] == {"digest": None, "promoted": []}
    assert (ready.folder / "careen-ci/web.oci/index.json").read_bytes() == index
    assert (ready.folder / "careen-ci/web/previous/manifest.json").read_bytes() == manifest

    configure(ready, "./web.tar")
    done = ran(ready)
    assert done["step"] == "profile"
    assert "1 of 4 layers are new" in done["reasons"][0]
    assert done["image"] != first["image"]
    assert not (ready.folder / "careen-ci/web/previous").exists()
    assert ran(ready)["step"] == "check"


@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.runc
def test_a_gate_does_not_hide_why_the_work_failed(ready: Careen) -> None:
    configure(ready, "./web.tar", "false", more='fail_on = ["executed-critical"]')
    failed = ran(ready, status=1)
    assert "exit status 1" in failed["failure"]
    assert (failed["crossed"], failed["findings"]["closed"]) == ([], None)


@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.runc
def test_a_killed_run_leaves_the_last_result(ready: Careen, service: Service) -> None:
    ran(ready)
    another(ready, service, "2")
    for when in ("profile: start", "verify: start", "promote: start"):
        killed = ready.interrupted("ci", when=when, by=signal.SIGKILL)
        assert killed.status == -signal.SIGKILL
    found = ran(ready)
    assert found["step"] in ("profile", "whole")
    assert ready.runs() == []
    assert ran(ready)["step"] == "check"


def test_the_files_are_checked_without_an_image(offline: Careen) -> None:
    assert offline.refused("ci", "--check").startswith("there is no careen.toml and no")
    configure(offline, "./web.tar")
    (offline.folder / ".careenignore").write_text('CVE-2024-1 reason="reviewed"\n')
    assert offline("ci", "--check").out == "careen.toml: ok\n.careenignore: ok\n"
    (offline.folder / ".careenignore").write_text("\nCVE-2024-1\n")
    line = offline.refused("ci", "--check", "careen.toml", ".careenignore")
    assert line.startswith(".careenignore:2: ")
    configure(offline, "./web.tar", more="modes = 1")
    line = offline.refused("ci", "--check")
    assert line == "careen.toml:7: ci.modes: unknown key; did you mean 'mode'?"


def test_the_image_of_the_environment_is_not_checked_as_a_file(offline: Careen) -> None:
    configure(offline, "./web.tar")
    careen = replace(offline, env={**offline.env, "CAREEN_CI_IMAGE": "team/web:1"})
    assert careen("ci", "--check").out == "careen.toml: ok\n"


def test_a_service_of_a_compose_file_is_refused(ready: Careen) -> None:
    configure(ready, "./web.tar")
    config = ready.folder / "careen.toml"
    config.write_text('compose = "compose.yaml"\n' + config.read_text() + 'service = "web"\n')
    (ready.folder / "compose.yaml").write_text("services: {web: {image: web}}\n")
    assert ready.refused("ci") == (
        "workload 'serve': service: `careen ci` does not run the services of a compose file; run"
        " `careen harden --compose` in the pipeline"
    )
    assert not (ready.folder / "careen-ci").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a", "b"), "'b': one image is expected; several files only with --check"),
        (("--name", "../x"), "--name '../x': not a name of a result; expected letters"),
        (("--mode", "scan", "--key", "k"), "key: only results of mode harden are attested"),
    ],
)
def test_a_wrong_word_is_one_line(ready: Careen, words: tuple[str, ...], said: str) -> None:
    assert ready.refused("ci", *words).startswith(said)
    assert not (ready.folder / "careen-ci").exists()


def test_a_scan_needs_neither_engine_nor_tests(ready: Careen) -> None:
    (ready.folder / "careen.toml").write_text(
        '[ci]\nmode = "scan"\nimage = "./web.tar"\nname = "web"\n'
    )
    first = ran(ready)
    assert (first["step"], first["findings"]["total"]) == ("whole", 3)
    assert ran(ready)["step"] == "check"
    crossed = ran(ready, "--fail-on", "high", status=2)
    assert crossed["step"] == "check"


@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.runc
@pytest.mark.skopeo
@pytest.mark.registry
@pytest.mark.cosign
def test_a_result_is_pushed_and_attested_once(tmp_path: Path, registry: Registry) -> None:
    folder = tmp_path / "careen"
    folder.mkdir()
    new_keys(folder)
    careen = Careen(folder, {**NO_DAEMON, **registry.env, **PASSWORD})
    (folder / "careen.toml").write_text(
        f"""
explore = "off"
[ci]
name = "web"
image = "{registry.image("team/web:1")}"
tag = "{registry.host}/team/web:ci"
push = true
key = "cosign.key"
[workload.serve]
test = '''{FETCH}'''
"""
    )
    first = ran(careen)
    digest = registry.tagged("team/web", "ci")
    name = registry.image("team/web:ci")
    assert first["result"]["promoted"] == [f"{name}@{digest}"]
    (attached,) = first["attested"]
    assert attached.endswith(f"@{digest}")
    assert first["findings"]["total"] is None
    again = ran(careen)
    assert (again["step"], again["attested"]) == ("check", [attached])
    careen("verify-evidence", "careen-ci/web/evidence", "--key", "cosign.pub")
    registry.skopeo("copy", "--quiet", registry.image("team/web:1"), name)
    assert "is another image than the one that was verified" in ran(careen)["reasons"][0]


@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.docker
def test_a_tag_in_docker_that_was_moved_is_made_again(in_docker: Service, careen: Careen) -> None:
    source, tag = in_docker.name("original"), in_docker.name("ci")
    configure(careen, source)
    words = ("--tag", tag)
    first = ran(careen, *words)
    assert first["result"]["promoted"] == [tag]
    assert ran(careen, *words)["step"] == "check"
    docker("tag", source, tag)
    assert "is another image than the one that was verified" in ran(careen, *words)["reasons"][0]


CHECKOUT = Path(__file__).parents[2]


def test_the_hook_checks_the_files_that_it_names(offline: Careen) -> None:
    (hook,) = yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text())
    program, *words = shlex.split(hook["entry"])
    assert program == "careen"
    sample = CHECKOUT / "examples/service"
    shutil.copytree(sample, offline.folder / "sub")
    named = [
        str(path.relative_to(offline.folder))
        for path in sorted(offline.folder.rglob("*"))
        if re.search(hook["files"], str(path.relative_to(offline.folder)))
    ]
    assert named == ["sub/.careenignore", "sub/careen.toml"]
    assert offline(*words, *named).out == "sub/.careenignore: ok\nsub/careen.toml: ok\n"
    (offline.folder / "sub/careen.toml").write_text("[ci]\nmode = 'hardn'\n")
    line = offline.refused(*words, *named)
    assert line == "sub/careen.toml:2: ci.mode: expected one of scan, harden, patch, got 'hardn'"


def test_the_files_of_the_tests_decide_about_the_result(ready: Careen) -> None:
    config = '[ci]\nmode = "scan"\nimage = "./web.tar"\nname = "web"\ninputs = ["tests/*.sh"]\n'
    (ready.folder / "careen.toml").write_text(config)
    assert ready.refused("ci") == (
        "ci.inputs: 'tests/*.sh' matches no file; name files that the tests need"
    )
    (ready.folder / "tests").mkdir()
    (ready.folder / "tests/a.sh").write_text("true\n")
    ran(ready)
    assert ran(ready)["step"] == "check"
    (ready.folder / "tests/a.sh").write_text("false\n")
    found = ran(ready)
    assert (found["step"], len(found["reasons"])) == ("whole", 1)
    assert "configuration has changed" in found["reasons"][0]


@pytest.mark.root
@pytest.mark.docker
def test_a_new_fix_is_a_reason_to_patch_again(in_docker: Service, careen: Careen) -> None:
    source, tag = in_docker.name("with-a-jar-for-ci"), in_docker.name("patched-by-ci")
    old = maven_jar("org.example", "widget", "1.0")
    layers = (*in_docker.image.layers(), layer(file("opt/lib/widget.jar", old)))
    archive = docker_archive(
        careen.folder / "image.tar", layers, (source,), in_docker.image.config()
    )
    docker("load", "--input", str(archive))
    fixed = maven_jar("org.example", "widget", "1.1")
    publish(careen.folder / "maven", "org.example:widget:1.1", fixed)
    (careen.folder / "careen.toml").write_text(
        f"""
[ci]
mode = "patch"
name = "web"
image = "{source}"
tag = "{tag}"
[patch]
maven = "maven"
online = false
"""
    )
    advise(careen, flaw(1, None))
    first = ran(careen)
    assert (first["step"], first["findings"]["total"]) == ("whole", 4)
    assert "0 upgrades, " in first["verdict"]
    assert ran(careen)["step"] == "check"
    advise(careen, flaw(1, None), flaw(2, "1.1"))
    again = ran(careen)
    assert (again["step"], again["reasons"]) == (
        "whole",
        [
            "the advisories have changed",
            "there is a fix now: CVE-2026-1002 in org.example:widget",
        ],
    )
    assert (again["findings"]["total"], again["findings"]["new"]) == (4, [])
    assert "1 upgrade, " in again["verdict"]
    assert again["result"]["digest"] != first["result"]["digest"]
