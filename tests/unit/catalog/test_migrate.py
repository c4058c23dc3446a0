"""Dockerfiles: stages as docker reads them, bases by need, patches of FROM alone."""

import sys
from dataclasses import replace

import pytest

from careen.catalog.entries import load_catalog
from careen.catalog.migrate.names import entry_for, is_full
from careen.catalog.migrate.propose import Wanted, propose
from careen.catalog.migrate.stages import read_stages
from careen.errors import ConfigError, InputError
from careen.model.catalog.migration import Migration, Need
from careen.model.runs.trace import Use
from careen.pipeline.catalog.migrate import ran
from tests.support.dockerfiles import needs_parser
from tests.support.triage import bom, use

needs_parser()

TWO = """# syntax=docker/dockerfile:1
ARG V=3.13
FROM --platform=$BUILDPLATFORM python:${V}-slim AS build
RUN <<EOF
apt-get update
FROM nothing
EOF
COPY <<text /etc/text
FROM python:3.13
text
RUN pip install \\
    # a comment in between
    flask

FROM python:${V}-slim
COPY --from=build /usr/local /usr/local
CMD ["python", "-m", "app"]
"""


def proposal(text: str, **arguments: str) -> Migration:
    return propose(text, "Dockerfile", load_catalog(), Wanted("my", arguments))


def test_stages_are_those_of_docker() -> None:
    stages = read_stages(TWO, "Dockerfile", {})
    assert [(x.name, x.image, x.begin.first) for x in stages] == [
        ("build", "python:3.13-slim", 3),
        ("1", "python:3.13-slim", 15),
    ]
    assert stages[0].steps[0].heredocs == ("apt-get update\nFROM nothing\n",)
    assert stages[0].steps[2].last == 13


def test_a_stage_with_steps_gets_dev_and_the_last_one_runtime() -> None:
    found = proposal(TWO)
    assert [stage.after for stage in found.stages] == [
        "my/python:3.13-debian-13-dev",
        "my/python:3.13-debian-13",
    ]
    assert [step.need for step in found.stages[0].steps] == [
        Need.PACKAGE_MANAGER,
        Need.BUILD_TOOLS,
    ]
    assert found.moved == 2


def test_the_patch_changes_the_images_of_from_alone() -> None:
    changed = [line for line in proposal(TWO).patch.splitlines() if line[:1] in "+-"]
    assert changed == [
        "--- a/Dockerfile",
        "+++ b/Dockerfile",
        "-FROM --platform=$BUILDPLATFORM python:${V}-slim AS build",
        "+FROM --platform=$BUILDPLATFORM my/python:3.13-debian-13-dev AS build",
        "-FROM python:${V}-slim",
        "+FROM my/python:3.13-debian-13",
    ]


def test_a_file_without_a_last_line_break_stays_without() -> None:
    patch = proposal("FROM debian:13").patch
    assert patch.endswith("+FROM my/debian:trixie\n\\ No newline at end of file\n")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("FROM debian:13\nRUN echo", "my/debian:trixie-compat"),
        ("FROM debian:13\nCMD echo hello", "my/debian:trixie-compat"),
        ('FROM debian:13\nCMD ["echo"]', "my/debian:trixie-compat"),
        ('FROM debian:13\nCMD ["/app"]', "my/debian:trixie"),
        ('FROM debian:13\nCMD ["sh", "-c", "x"]', "my/debian:trixie-compat"),
        ('FROM debian:13\nENTRYPOINT ["/bin/bash", "/entry.sh"]', "my/debian:trixie-compat"),
        ('FROM debian:13\nENTRYPOINT ["/run.sh"]', "my/debian:trixie-compat"),
        ('FROM debian:13\nHEALTHCHECK CMD ["curl", "x"]', "my/debian:trixie-compat"),
        ("FROM debian:13\nONBUILD RUN echo", "my/debian:trixie-compat"),
        ('FROM debian:13\nONBUILD CMD ["sh", "x"]', "my/debian:trixie-compat"),
        ('FROM node:20-slim\nCMD ["npm", "start"]', "my/node:20-debian-13-compat"),
        ('FROM node:20-slim\nCMD ["node", "x.js"]', "my/node:20-debian-13"),
        ("FROM debian:13\nHEALTHCHECK CMD curl x", "my/debian:trixie-compat"),
        ('FROM debian:13\nHEALTHCHECK --interval=5s CMD ["/x"]', "my/debian:trixie"),
        ("FROM debian:13\nHEALTHCHECK NONE", "my/debian:trixie"),
        ("FROM python:3.13\nRUN pip install x", "my/python:3.13-debian-13-dev"),
        ("FROM python:3.13-slim\nRUN pip install x", "my/python:3.13-debian-13-compat"),
        ("FROM eclipse-temurin:21\nRUN javac x", "my/java:21-debian-13-dev"),
        ("FROM python:3.13\nRUN mkdir x", "my/python:3.13-debian-13-compat"),
        ("FROM docker.io/library/python:3.13.5-slim-trixie", "my/python:3.13-debian-13"),
        ("FROM node:20-slim@sha256:" + "0" * 64, "my/node:20-debian-13"),
        ("FROM \\\n  debian:13", "my/debian:trixie"),
        ("from debian:13", "my/debian:trixie"),
    ],
)
def test_what_a_single_stage_begins_with(text: str, after: str) -> None:
    (stage,) = proposal(text).stages
    assert stage.after == after
    assert after in proposal(text).patch


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("FROM scratch", "begins with nothing"),
        ("FROM golang:1.24", "no entry of the catalog"),
        ("FROM python:3", "for other tags there are python:3.13-debian-13, python:3.11-debian-12"),
        ("FROM openjdk:21", "no entry of the catalog"),
        ("FROM amazoncorretto:21", "no entry of the catalog"),
        ("FROM python:3.13-alpine", "no entry of the catalog"),
        ("FROM registry.test/python:3.13", "no entry of the catalog"),
        ("ARG V\nFROM debian:$V", "give it with --build-arg"),
        ("FROM ubuntu:24.04", "ubuntu:24.04 is unproven"),
    ],
)
def test_what_stays_says_why(text: str, reason: str) -> None:
    found = proposal(text)
    assert reason in found.stages[0].reason
    assert found.patch == ""
    assert found.moved == 0


def test_variables_take_values_of_the_command_and_defaults() -> None:
    text = "ARG V\nARG S=${T:-slim}\nFROM python:${V}-${S}"
    assert proposal(text, V="3.13").stages[0].after == "my/python:3.13-debian-13"
    assert proposal("ARG A=1\nFROM python:3.13${A:+-slim}").moved == 1


def test_a_stage_on_a_stage_stays_and_the_lower_one_keeps_its_shell() -> None:
    found = proposal("FROM debian:13 AS base\nRUN echo\nFROM base\nRUN echo")
    assert found.stages[0].variant == "compat"
    assert found.stages[1].reason == "begins with stage base"


@pytest.mark.parametrize(
    ("text", "variant"),
    [
        ("FROM debian:13 AS base\nENV X=1\nFROM base\nRUN echo hi", "compat"),
        ("FROM debian:13 AS a\nFROM a AS b\nFROM b AS c\nRUN echo\nFROM b\n", "compat"),
        ('FROM debian:13 AS a\nENV X=1\nFROM a\nCMD ["/x"]', "runtime"),
        ("FROM debian:13 AS a\nFROM a AS b\nRUN x\nFROM scratch\nCOPY --from=b /x /", "dev"),
        ("FROM python:3.13 AS a\nENV X=1\nFROM a\nRUN pip install x", "dev"),
    ],
)
def test_a_stage_runs_the_steps_of_all_stages_above_it(text: str, variant: str) -> None:
    assert proposal(text).stages[0].variant == variant


def test_a_script_is_an_unknown_and_says_so() -> None:
    (stage,) = proposal('FROM debian:13\nENTRYPOINT ["/run.sh"]').stages
    assert [step.need for step in stage.steps] == [Need.UNKNOWN]
    assert stage.reason == "unknown whether runtime has what a step starts"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no FROM|docker's parser refuses"),
        ("# only", "no FROM|docker's parser"),
        ("RUN x", "no FROM"),
    ],
)
def test_what_is_no_dockerfile_is_named(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        proposal(text)


def test_more_stages_than_anyone_writes_are_refused() -> None:
    with pytest.raises(ConfigError, match="more than 100 stages"):
        proposal("FROM debian:13\n" * 101)


def test_a_program_that_the_workload_ran_counts_as_a_need() -> None:
    text = 'FROM debian:13\nCMD ["/app"]'
    ran = {"dash": "/usr/bin/dash", "app": "/app"}
    found = propose(text, "Dockerfile", load_catalog(), Wanted("my", {}, ran))
    assert found.stages[0].variant == "compat"
    assert found.stages[0].reason == "the workload runs /usr/bin/dash, which runtime leaves out"
    fine = propose(text, "Dockerfile", load_catalog(), Wanted("my", {}, {"app": "/app"}))
    assert fine.stages[0].variant == "runtime"


def test_programs_are_those_that_the_workload_executed() -> None:
    shell, library = "pkg:deb/debian/dash@1", "pkg:deb/debian/libc6@1"
    files = {"/usr/bin/dash": use(Use.EXECUTED), "/usr/lib/libc.so.6": use(Use.MAPPED)}
    owners = {"/usr/bin/dash": (shell,), "/usr/lib/libc.so.6": (library,)}
    made = replace(
        bom(files, packages=owners),
        packages={shell: ("dash", "1", "deb"), library: ("libc6", "1", "deb")},
    )
    assert ran(made) == {"dash": "/usr/bin/dash"}


def test_images_with_compilers_are_known() -> None:
    for image, full in (
        ("python:3.13", True),
        ("docker.io/library/node:20", True),
        ("eclipse-temurin:21", True),
        ("eclipse-temurin:21-jre", False),
        ("python:3.13-slim", False),
        ("debian:13", False),
    ):
        entry = entry_for(load_catalog(), image)
        assert entry is not None
        assert is_full(entry, image) is full
    assert entry_for(load_catalog(), "debian") is not None


def test_variables_that_fill_the_memory_are_refused() -> None:
    lines = [f"ARG a{i}=$a{i - 1}$a{i - 1}" for i in range(1, 40)]
    text = "\n".join(("ARG a0=x", *lines, "FROM $a39"))
    with pytest.raises(ConfigError, match=r"Dockerfile:13: a value .* is over 4096 bytes"):
        proposal(text)


def test_steps_are_kept_in_order_and_a_stage_has_its_own() -> None:
    many = "".join(f"RUN echo {i}\n" for i in range(3000))
    first, second = read_stages(f"FROM a AS b\n{many}FROM b\nRUN x\n", "Dockerfile", {})
    assert [step.first for step in first.steps] == list(range(2, 3002))
    assert second.below is first
    assert len(second.steps) == 1


@pytest.mark.parametrize(
    ("machine", "said"), [("x86_64", "is not installed"), ("aarch64", "has no wheel for this")]
)
def test_a_missing_parser_says_why(
    machine: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setitem(sys.modules, "dockerfile", None)
    with pytest.raises(InputError, match=said):
        proposal("FROM debian:13")


@pytest.mark.parametrize("odd", ["\x0b", "\x0c", "\u2028", "\r", "\x85", "\x1c"])
def test_lines_end_where_docker_ends_them(odd: str) -> None:
    text = f"# note{odd} about\nFROM debian:12\nLABEL x debian:13\nFROM debian:13\n"
    changed = [row for row in proposal(text).patch.split("\n") if row.startswith(("+", "-"))]
    assert changed[2:] == [
        *("-FROM debian:12", "+FROM my/debian:bookworm"),
        *("-FROM debian:13", "+FROM my/debian:trixie"),
    ]


def test_a_comment_between_continued_lines_is_no_image() -> None:
    text = "FROM \\\n# debian:13 is old\n debian:13\n"
    patch = proposal(text).patch
    assert "\n-# debian" not in patch
    assert "\n+ my/debian:trixie\n" in patch


def test_a_from_that_cannot_be_changed_alone_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"Dockerfile:1: cannot change the image of this FROM"):
        proposal("FROM deb\\\nian:13\n")


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("a b", "--- a/a b\t\n+++ b/a b\t\n"),
        ("a\x1b", '--- "a/a\\033"\n+++ "b/a\\033"\n'),
        ("./e/é", '--- "a/e/\\303\\251"\n+++ "b/e/\\303\\251"\n'),
        ("../e/x", "--- a/one/e/x\n+++ b/one/e/x\n"),
        ("/two/x", "--- a/two/x\n+++ b/two/x\n"),
    ],
)
def test_paths_of_the_patch_are_those_of_git(
    path: str, names: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.getcwd", lambda: "/one/here")
    found = propose("FROM debian:13\n", path, load_catalog(), Wanted("my"))
    assert found.patch.startswith(names)
    assert ("patch -d / -p1" in " ".join(found.notes)) == path.startswith(("..", "/"))


def test_notes_say_what_is_dropped_and_what_stays() -> None:
    digest = "@sha256:" + "0" * 64
    copies = "COPY --from=python:3.13-slim /a /a\nCOPY --from=a /b /b\nCOPY --from=0 /b /b\n"
    found = proposal(f"FROM debian:13{digest} AS a\nFROM debian:13\n{copies}")
    assert [note for note in found.notes if note.startswith("line")] == [
        "line 1: the new name has no digest; pin that of your own base",
        "line 3: --from=python:3.13-slim is not moved; copy from a stage of its own",
    ]


def test_a_program_of_the_build_tools_needs_dev_where_upstream_has_them() -> None:
    health = 'HEALTHCHECK CMD curl -f http://localhost || exit 1\nCMD ["python"]\n'
    for step in (health, "RUN git rev-parse HEAD\n", 'CMD ["wget", "-V"]\n'):
        assert proposal(f"FROM python:3.13\n{step}").stages[0].variant == "dev", step
        assert proposal(f"FROM python:3.13-slim\n{step}").stages[0].variant == "compat", step


def test_what_lies_below_the_home_of_root_needs_root() -> None:
    text = 'FROM python:3.13-slim\nCOPY --from=a /x /root/.local\nCMD ["python"]\n'
    (stage,) = proposal(text).stages
    assert (stage.variant, stage.steps[0].need) == ("compat", Need.ROOT)
    assert proposal(text + "USER root\n").stages[0].variant == "runtime"
    assert proposal(text.replace("/root/", "/rooted/")).stages[0].variant == "runtime"
