"""`careen harden --if-changed`: what is compared with the last promoted run, and what it then does."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Service
from tests.support.careen_command import NO_DAEMON, Careen, Ended, docker
from tests.support.debian_registry import Registry
from tests.support.feeds import KEV, TRACKER, write_feeds
from tests.support.images import docker_archive, file, layer

TEST = "sh smoke/ask.sh"
ASK = """curl -fsS "$BASE_URL/file/usr/share/half/used.txt" """
REPORT = Path("careen-out/out")
NOTHING = "Nothing has changed: nothing was run"
EVERYTHING = "--if-changed: everything is done: "


@pytest.fixture
def ready(offline: Careen, service: Service) -> Careen:
    """Return careen with an advisory database, the small image as a file, and a test in a file."""
    write_feeds(offline.folder / "feeds")
    offline("db", "import", offline.folder / "feeds", "-q")
    shutil.copy(service.archive, offline.folder / "web.tar")
    (offline.folder / "smoke").mkdir()
    (offline.folder / "smoke/ask.sh").write_text(ASK)
    return offline


def harden(careen: Careen, *words: str, test: str = TEST, status: int = 0) -> Ended:
    return careen(
        "harden", "./web.tar", "-o", "oci:out:hardened", "--test", test, *words, status=status
    )


def reason(careen: Careen, *words: str, test: str = TEST) -> str:
    """Run it again, and return why it did everything."""
    done = harden(careen, "--if-changed", *words, test=test)
    (line,) = [line for line in done.err.splitlines() if EVERYTHING in line]
    return line.partition(EVERYTHING)[2]


def rested(careen: Careen, *words: str, status: int = 0) -> str:
    """Run it again, and return what it printed: no stage that runs a container was begun."""
    done = harden(careen, "--if-changed", *words, status=status)
    stages = {line.split(": ")[1] for line in done.err.splitlines() if line.count(": ") > 1}
    assert EVERYTHING not in done.err
    # With these, no stage is told.
    assert stages == (set() if {"--json", "-q"} & {*words} else {"inspect", "findings"})
    return done.out


def left(careen: Careen) -> dict[str, bytes]:
    folder = careen.folder / REPORT
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.runc
def test_the_second_run_of_the_same_says_what_is_there(ready: Careen) -> None:
    first = harden(ready, "--json").document
    before = left(ready)
    out = rested(ready)
    head, why, *_ = out.splitlines()
    assert head == "careen harden oci:out:hardened"
    assert why.removeprefix("why").lstrip().startswith(NOTHING)
    made = json.loads((ready.folder / REPORT / "manifest.json").read_text())["finished"]
    facts = [line.split() for line in out.splitlines()]
    assert ["result", first["promoted"][0]] in facts
    assert any(fact[0] == "made" and fact[1].startswith(made[:16]) for fact in facts)
    last = out.splitlines()[-1]
    assert last.startswith("✓ oci:out:hardened: the stored result passes (hardened and verified)")
    assert left(ready) == before
    assert json.loads(rested(ready, "--json")) == first
    assert rested(ready, "-q").count("\n") == 1


@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.runc
def test_what_is_compared_is_a_reason_to_do_everything(ready: Careen, service: Service) -> None:
    assert reason(ready) == "no earlier run with this report directory is known"
    (ready.folder / "smoke/more").mkdir()
    (ready.folder / "smoke/more/__pycache__").mkdir()
    (ready.folder / "smoke/more/__pycache__/ask.pyc").write_bytes(b"byte code")
    rested(ready)  # the folder is not named, its script is
    (ready.folder / "smoke/ask.sh").write_text(ASK + "\n# more\n")
    changed = "the configuration has changed: careen.toml, an option, a file that they name, or"
    assert reason(ready).startswith(changed)
    assert reason(ready, "--keep", "/usr/share/half/never.txt").startswith(changed)

    plan = ready.folder / REPORT / "plan.json"
    plan.write_bytes(plan.read_bytes() + b" ")
    assert "the evidence of the last run was changed" in reason(ready)
    index = ready.folder / "out/index.json"
    index.write_bytes(index.read_bytes() + b" ")
    assert "is another image than the one that was verified" in reason(ready)
    shutil.rmtree(ready.folder / "out")
    assert "the result oci:out:hardened is gone" in reason(ready)
    layers = (*service.image.layers(), layer(file("app/version.txt", b"2")))
    docker_archive(ready.folder / "web.tar", layers, ("web:1",), service.image.config())
    assert "the application has changed: 1 of" in reason(ready)
    rested(ready)


@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.runc
def test_newer_advisories_are_judged_without_a_run(ready: Careen) -> None:
    harden(ready)
    entry: dict[str, Any] = {
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
    out = rested(ready, "--fail-on", "high", status=2)
    assert "  New advisories: the stored inventory was scanned again" in out
    assert "  0 findings closed, 1 new, 0 more serious" in out
    assert out.splitlines()[-1].startswith("✗ oci:out:hardened: a threshold is crossed: ")
    found = harden(ready, "--if-changed", "--json", "--fail-on", "high", status=2)
    assert "✗ oci:out:hardened: a threshold is crossed: " in found.err
    assert found.document["promoted"] == ["oci:out:hardened"]
    assert NOTHING in rested(ready)


@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.runc
def test_an_image_that_is_replaced_during_the_run_is_another_one(
    ready: Careen, service: Service
) -> None:
    layers = (*service.image.layers(), layer(file("app/version.txt", b"2")))
    docker_archive(ready.folder / "new.tar", layers, ("web:1",), service.image.config())
    (ready.folder / "smoke/ask.sh").write_text(f"{ASK} && cp new.tar web.tar")
    harden(ready)
    assert "the application has changed: 1 of" in reason(ready)


@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.runc
def test_a_run_that_failed_is_no_last_run(ready: Careen) -> None:
    harden(ready)
    harden(ready, test="false", status=1)
    assert "the evidence of the last run was changed" in reason(ready)
    rested(ready)


@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.docker
def test_a_tag_in_docker_that_was_moved_is_made_again(in_docker: Service, careen: Careen) -> None:
    source, tag = in_docker.name("original"), in_docker.name("if-changed")
    words = ("harden", source, "-t", tag, "--test", ASK, "--if-changed")
    assert EVERYTHING in careen(*words).err
    assert NOTHING in careen(*words).out
    docker("tag", source, tag)
    assert "is another image than the one that was verified" in careen(*words).err


@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.runc
@pytest.mark.skopeo
@pytest.mark.registry
def test_a_place_that_is_gone_gets_the_result_again(tmp_path: Path, registry: Registry) -> None:
    folder = tmp_path / "careen"
    folder.mkdir()
    careen = Careen(folder, {**NO_DAEMON, **registry.env})
    name = registry.image("team/web:if-changed")
    places = ("-o", name, "-o", "oci:out:hardened", "--attach")
    words = ("harden", registry.image("team/web:1"), *places, "--test", ASK)
    (pushed, _) = careen(*words, "--json").document["promoted"]
    shutil.rmtree(folder / "out")
    report = next((folder / "careen-out").iterdir())
    manifest = report / "manifest.json"
    whole = manifest.read_bytes()
    found = careen(*words, "--if-changed", "--json")
    assert EVERYTHING not in found.err
    assert found.document["promoted"] == [pushed, "oci:out:hardened"]
    assert (folder / "out/index.json").is_file()
    assert json.loads(manifest.read_text())["promoted"] == [pushed, "oci:out:hardened"]
    assert NOTHING in careen(*words, "--if-changed").out
    manifest.write_bytes(whole[:99])
    shutil.rmtree(folder / "out")
    assert f"the evidence of the last run was changed: {manifest.relative_to(folder)}" in (
        careen(*words, "--if-changed").err
    )


def test_several_platforms_of_careen_toml_are_refused(ready: Careen) -> None:
    (ready.folder / "careen.toml").write_text('platform = "all"\n')
    line = ready.refused("harden", "./web.tar", "-o", "oci:out:x", "--test", "true", "--if-changed")
    assert line.startswith("--if-changed and --platform: cannot be combined")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--dry-run",), "--if-changed and --dry-run: cannot be combined; it has no result"),
        (("--split",), "--if-changed and --split: cannot be combined; it has several results"),
        (
            ("--platform", "all"),
            "--if-changed and --platform: cannot be combined; platforms have results of their own",
        ),
        (
            ("--no-cache",),
            "--if-changed: needs careen's cache, which knows the last run; run without --no-cache",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(
    ready: Careen, words: tuple[str, ...], said: str
) -> None:
    line = ready.refused(
        "harden", "./web.tar", "-o", "oci:out:x", "--test", "true", "--if-changed", *words
    )
    assert line == said


def test_without_a_destination_it_is_refused_as_ever(ready: Careen) -> None:
    words = ("harden", "./web.tar", "--test", "true")
    assert ready.refused(*words, "--if-changed") == ready.refused(*words)
    assert ready.refused(*words).startswith("no destination: ")
