"""Choices on how sure to be: tests that only verify, a least adequacy, one image for each workload,
an RBOM that is carried over.
"""

import json
from typing import Any

import pytest

from tests.e2e.conftest import Service
from tests.support.careen_command import Careen
from tests.support.service_image import HALF_DATA

pytestmark = [pytest.mark.root, pytest.mark.runc, pytest.mark.bpf]

USED = "/usr/share/half/used.txt"
TOML = """
image = "docker-archive:{archive}"
output = ["oci:out"]
level = "observed"
[workload.one]
ready = "exit"
args = ["cat", "{one}"]
[workload.two]
ready = "exit"
args = ["cat", "{two}"]
"""


def get(path: str) -> str:
    return f'curl -fsS "$BASE_URL/file{path}" > /dev/null'


def kept(careen: Careen, report: str) -> set[str]:
    plan = json.loads((careen.folder / report / "plan.json").read_text())
    return {path for group in plan["keep"] for path in group["paths"]}


def used(rbom: dict[str, Any]) -> set[str]:
    return {file["path"] for file in rbom["files"]}


def test_one_image_for_each_workload(service: Service, offline: Careen) -> None:
    (offline.folder / "careen.toml").write_text(
        TOML.format(archive=service.archive, one=USED, two=HALF_DATA)
    )
    split = offline("harden", "--split", "--report-dir", "report", "--json").document
    assert [image["promoted"] for image in split["images"]] == [["oci:out-one"], ["oci:out-two"]]
    assert [image["workloads"] for image in split["images"]] == [["one"], ["two"]]
    one, two = kept(offline, "report/one"), kept(offline, "report/two")
    assert USED in one - two
    assert HALF_DATA in two - one
    assert split["together_bytes"] > max(
        image["hardened"]["size_bytes"] for image in split["images"]
    )
    assert all(image["seconds"]["total"] > 0 for image in split["images"])
    said = offline("harden", "--split", "-o", "oci:again", "--quiet").out.splitlines()
    assert [line.split()[0] for line in said] == ["oci:again-one", "oci:again-two"]
    line = offline.refused("harden", "--split", "--workload", "one", "-o", "oci:third")
    assert (
        line
        == "--split needs several workloads: describe them in careen.toml as [workload.NAME] tables"
    )


def test_layers_that_are_cut_anew_are_proved_and_repaired(
    service: Service, offline: Careen
) -> None:
    words = (
        *("harden", f"docker-archive:{service.archive}", "-o", "oci:out", "--level", "observed"),
        *("--report-dir", "report", "--test", get(USED), "--verify-test", get(HALF_DATA)),
    )
    summary = offline(*words, "--layers", "shared", "--compression", "zstd", "--json").document
    assert summary["promoted"] == ["oci:out"]
    verdict = json.loads((offline.folder / "report" / "verify.json").read_text())
    assert verdict["passed"]
    assert verdict["declared"]["times"] > 0
    assert len(verdict["rounds"]) == 1
    assert HALF_DATA in kept(offline, "report")
    refused = offline.refused(*words[:-4], "--split", "--like", "oci:out")
    assert refused.startswith("--like and --split: cannot be combined")


def test_a_test_that_only_verifies_teaches_nothing_and_is_repaired(
    service: Service, offline: Careen
) -> None:
    hardened = (
        "harden",
        f"docker-archive:{service.archive}",
        "-o",
        "oci:out",
        "--level",
        "observed",
        "--report-dir",
        "report",
    )
    words = (*hardened, "--test", get(USED), "--verify-test", get(HALF_DATA))
    line = offline.refused(*words, "--repair-rounds", "0", status=3)
    assert f"looked up removed paths: {HALF_DATA}" in line
    summary = offline(*words, "--json").document
    assert HALF_DATA not in used(json.loads((offline.folder / "report" / "rbom.json").read_text()))
    assert [item["path"] for each in summary["repair"] for item in each["restored"]] == [HALF_DATA]
    assert summary["repair"][-1]["passed"]
    assert HALF_DATA in kept(offline, "report")


def test_a_test_that_only_verifies_must_pass_on_the_original(
    service: Service, offline: Careen
) -> None:
    line = offline.refused(
        "harden",
        f"docker-archive:{service.archive}",
        "-o",
        "oci:out",
        "--test",
        get(USED),
        "--verify-test",
        "exit 4",
    )
    assert line.startswith(
        "the tests fail on the original image: workload 'default+held-out': --test 'exit 4' failed"
        " (exit status 4)"
    )


def test_below_the_least_adequacy_whole_packages_are_kept_or_nothing_is_done(
    service: Service, offline: Careen
) -> None:
    words = (
        "harden",
        f"docker-archive:{service.archive}",
        "-o",
        "oci:out",
        "--level",
        "observed",
        "--test",
        get(USED),
        "--report-dir",
        "report",
    )
    line = offline.refused(*words, "--min-adequacy", "90", "--below-adequacy", "refuse", status=2)
    assert "but at least 90 % is required" in line
    assert not (offline.folder / "out").exists()
    adequacy = json.loads((offline.folder / "report" / "adequacy.json").read_text())
    assert adequacy["score"] is None or adequacy["score"] < 0.9
    summary = offline(*words, "--min-adequacy", "90%", "--json").document
    assert summary["level"] == "package"
    assert any("whole packages are kept (level package)" in note for note in summary["notes"])
    line = offline.refused(*words, "--min-adequacy", "much")
    assert line == "adequacy 'much': expected a percentage from 0 to 100, like 80"


def test_an_rbom_says_how_adequate_it_is_to_whoever_plans_from_it(
    service: Service, offline: Careen
) -> None:
    source = f"docker-archive:{service.archive}"
    said = offline("profile", source, "--test", get(USED)).out
    assert "Adequacy" in said
    line = offline.refused(
        "plan",
        source,
        "--rbom",
        "rbom.json",
        "--min-adequacy",
        "100",
        "--below-adequacy",
        "refuse",
        status=2,
    )
    assert "but at least 100 % is required" in line
    offline(
        "plan", source, "--rbom", "rbom.json", "--level", "observed", "--min-adequacy", "100", "-q"
    )
    assert json.loads((offline.folder / "plan.json").read_text())["level"] == "package"


def test_an_rbom_is_carried_over_and_says_how_much_of_it(service: Service, offline: Careen) -> None:
    source = f"docker-archive:{service.archive}"
    offline("profile", source, "--ready", "exit", "-q", "--", "cat", USED)
    offline(
        "strip",
        source,
        "--rbom",
        "rbom.json",
        "--keep",
        HALF_DATA,
        "--level",
        "observed",
        "-o",
        "oci:next",
    )
    ended = offline("profile", "oci:next", "--carry", "rbom.json", "-o", "next.json")
    assert "carried over" in ended.err
    carried = json.loads((offline.folder / "next.json").read_text())
    assert USED in used(carried)
    assert {run["kind"] for run in carried["runs"]} == {"carried"}
    plan = offline("plan", "oci:next", "--rbom", "next.json", "--json").document
    assert (
        plan["notes"][0]
        == "the RBOM is carried over from another version of the image: new files in this one"
        " were not observed"
    )
    line = offline.refused("plan", "oci:next", "--rbom", "next.json", "--level", "observed")
    assert line.startswith(
        "level 'observed' needs a workload that was watched from its start on this very image, and"
        " the rbom has none"
    )


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--merge", "a.json", "--attach", "x"), "--merge and --attach: give one of them"),
        (
            ("image", "--for", "10s", "--test", "true"),
            (
                "--for: only applies to --attach, --cgroup, --pods and --beside; a workload is"
                " watched to its end"
            ),
        ),
        (
            ("--attach", "x", "--test", "true"),
            "--test: nothing is run with --attach; profile first, then merge",
        ),
        (
            ("image", "--carry", "a.json", "--explore", "deep"),
            "--explore: nothing is run with --carry; profile first, then merge",
        ),
    ],
)
def test_ways_that_exclude_each_other(
    offline: Careen, words: tuple[str, ...], complaint: str
) -> None:
    assert offline.refused("profile", *words) == complaint


@pytest.mark.docker
def test_what_containers_need_that_tests_start_themselves_is_part_of_the_profile(
    in_docker: Service, careen: Careen
) -> None:
    words = (
        "profile",
        in_docker.name("original"),
        "-o",
        "rbom.json",
        "--engine",
        "docker",
        "--explore",
        "off",
    )
    started = (
        "docker run --rm --network none --entrypoint /usr/bin/service $CAREEN_IMAGE cat"
        f" {HALF_DATA}"
    )
    assert (
        "INCOMPLETE" not in careen(*words, "--test", f"{get(USED)} && {started} && {started}").out
    )
    bom = json.loads((careen.folder / "rbom.json").read_text())
    assert HALF_DATA in used(bom)
    assert len(bom["runs"]) == 1


@pytest.mark.docker
def test_a_container_of_the_tests_that_starts_twice_and_gets_a_file_was_watched_all_the_same(
    in_docker: Service, careen: Careen
) -> None:
    (careen.folder / "extra.txt").write_text("extra")
    words = (
        "profile",
        in_docker.name("original"),
        "-o",
        "rbom.json",
        "--engine",
        "docker",
        "--explore",
        "off",
    )
    steps = (
        (
            "c=$(docker create --network none --entrypoint /usr/bin/service $CAREEN_IMAGE cat"
            " /extra.txt)"
        ),
        "docker cp extra.txt $c:/extra.txt",
        "docker start -a $c && docker start -a $c",
        "docker rm -f $c",
    )
    said = careen(*words, "--test", f"{get(USED)} && " + " && ".join(steps)).out
    assert "INCOMPLETE" not in said


@pytest.mark.docker
def test_containers_that_tests_start_themselves_and_nobody_watches_are_said(
    in_docker: Service, careen: Careen
) -> None:
    words = (
        "profile",
        in_docker.name("original"),
        "-o",
        "rbom.json",
        "--engine",
        "docker",
        "--explore",
        "off",
        "--sensor",
        "fanotify",
    )
    started = (
        "docker run --rm --network none --entrypoint /usr/bin/service $CAREEN_IMAGE cat"
        f" {HALF_DATA}"
    )
    said = " ".join(careen(*words, "--test", f"{started} && {started}").out.split())
    assert "INCOMPLETE: 2 containers of this image that others" in said
    assert HALF_DATA not in used(json.loads((careen.folder / "rbom.json").read_text()))
    assert "INCOMPLETE" not in careen(*words, "--test", get(USED)).out


def test_a_dry_run_plans_and_leaves_it_at_that(service: Service, offline: Careen) -> None:
    words = (
        "harden",
        f"docker-archive:{service.archive}",
        "-o",
        "oci:out",
        "--dry-run",
        "--test",
        get(USED),
    )
    said = offline(*words).out
    assert "Largest removals" in said
    assert " dry run: " in " ".join(said.splitlines()[-3:])
    report = offline.folder / "careen-out" / "out" / "dry-run"
    assert sorted(path.name for path in report.iterdir()) == [
        "adequacy.json",
        "index.json",
        "logs",
        "plan.json",
        "rbom.cdx.json",
        "rbom.json",
    ]
    assert not (report / "logs" / "hardened").exists()
    assert not (offline.folder / "out").exists()
    assert offline.runs() == []
    plan = offline(*words, "--json").document
    assert USED in {path for group in plan["keep"] for path in group["paths"]}
    (line,) = offline(*words, "--quiet").out.splitlines()
    assert "nothing was stripped or tested; the plan is in careen-out/out/dry-run" in line
    (report / "patch.json").write_text("{}")
    assert "has a patch.json of another run" in offline.refused(*words)
    assert (report / "plan.json").is_file()
    assert offline.refused(*words, "--split").startswith(
        "--dry-run and --split: cannot be combined"
    )
