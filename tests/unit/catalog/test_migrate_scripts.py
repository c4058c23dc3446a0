"""What a Dockerfile starts: a file of its context, by its first line."""

import os
from pathlib import Path

import pytest

from careen.catalog.entries import load_catalog
from careen.catalog.migrate.context import HEAD, heads_of
from careen.catalog.migrate.copied import Files
from careen.catalog.migrate.propose import Wanted, propose
from careen.catalog.migrate.stages import read_stages
from careen.model.catalog.migration import Need, StageMove
from tests.support.dockerfiles import needs_parser

needs_parser()

ENV = b"#!/usr/bin/env python3\n"
SHELL = b"#!/bin/sh\n"
OWN = b"#!/usr/local/bin/python3\n"
CODE = b"\x7fELF\x02\x01"


def last(text: str, files: dict[str, bytes]) -> StageMove:
    return propose(text, "Dockerfile", load_catalog(), Wanted("my", heads=files.get)).stages[-1]


@pytest.mark.parametrize(
    "copied",
    [
        "COPY hello /usr/local/bin/hello",
        "COPY hello /usr/local/bin/",
        "COPY a hello b /usr/local/bin/",
        "COPY h*o /usr/local/bin/",
        "COPY ./hello /usr/local/bin",
        'ADD ["hello", "/usr/local/bin/hello"]',
        "WORKDIR /usr/local\nCOPY hello bin/hello",
        "WORKDIR /usr\nWORKDIR local/bin\nCOPY . .",
        "COPY --chmod=755 hello /bin/hello",
        "COPY --chmod=755 <<hello /bin/\n#!/usr/bin/env python3\nhello",
    ],
)
def test_a_script_of_env_needs_more_than_runtime(copied: str) -> None:
    (step,) = last(f'FROM python:3.13-slim\n{copied}\nENTRYPOINT ["hello"]', {"hello": ENV}).steps
    assert step.need is Need.PROGRAM
    assert step.advice.startswith("hello is a script that starts env, which `runtime` has not")
    assert "#!/" in step.advice


@pytest.mark.parametrize(
    ("head", "variant"), [(ENV, "compat"), (SHELL, "compat"), (OWN, "runtime"), (CODE, "runtime")]
)
def test_the_first_line_decides_and_not_the_name(head: bytes, variant: str) -> None:
    text = 'FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nCMD ["./entrypoint.sh"]'
    assert last(text, {"entrypoint.sh": head}).variant == variant


@pytest.mark.parametrize("first", [b"#!/usr/bin/ruby\n", b"#!/usr/bin/tini /bin/sh\n"])
def test_an_interpreter_that_no_variant_has_is_an_unknown(first: bytes) -> None:
    text = 'FROM python:3.13-slim\nCOPY start /start\nENTRYPOINT ["/start"]'
    found = last(text, {"start": first})
    assert [step.need for step in found.steps] == [Need.UNKNOWN]
    assert found.variant == "compat"


def test_an_interpreter_that_the_dockerfile_copies_is_there() -> None:
    text = 'FROM python:3.13-slim\nCOPY lua /bin/\nCOPY start /\nCMD ["/start"]'
    assert last(text, {"start": b"#!/bin/lua\n", "lua": CODE}).variant == "runtime"


@pytest.mark.parametrize(
    "line", ['CMD ["x"]\n', "WORKDIR a\n", 'WORKDIR a\nCOPY a b\nCMD ["./x"]\n']
)
def test_work_grows_with_the_lines_of_a_dockerfile(line: str) -> None:
    lines = 1500
    (stage,) = read_stages("FROM debian:13\n" + line * lines, "Dockerfile", {})
    asked: list[str] = []
    files = Files((stage,), asked.append)
    for step in stage.steps:
        if step.word == "CMD":
            assert files.head(stage, step.values[0]) is None
    assert len(asked) <= lines
    assert len(files._copies_of(stage).last) <= 4096


def test_a_file_is_followed_through_the_stages_that_copy_it() -> None:
    text = (
        "FROM python:3.13-slim AS first\nCOPY src/run /out/bin/run\n"
        "FROM first AS second\nRUN make\n"
        'FROM python:3.13-slim\nCOPY --from=second /out /usr/local\nCMD ["run"]'
    )
    assert last(text, {"src/run": SHELL}).variant == "compat"
    assert last(text, {"src/run": OWN}).variant == "runtime"


def test_the_copy_that_comes_last_counts() -> None:
    text = 'FROM debian:13\nCOPY one /run\nCOPY two /run\nCMD ["/run"]'
    assert last(text, {"one": SHELL, "two": CODE}).variant == "runtime"
    assert last(text, {"one": CODE, "two": SHELL}).variant == "compat"


@pytest.mark.parametrize(
    "text",
    [
        'FROM debian:13\nCMD ["/run"]',
        'FROM debian:13\nCOPY --from=other.test/x run /run\nCMD ["/run"]',
        'FROM debian:13\nCOPY --from=9 run /run\nCMD ["/run"]',
        'FROM debian:13\nCOPY run /run/\nCMD ["/run"]',
        'FROM debian:13\nCOPY $X /run\nCMD ["/run"]',
    ],
)
def test_what_no_step_copies_from_the_context_is_no_need(text: str) -> None:
    assert last(text, {"run": SHELL}).variant == "runtime"


def test_stages_that_copy_from_each_other_end_soon() -> None:
    copies = "COPY --from={0} /a /a\nCOPY --from={0} / /\n" * 20
    stages = "".join(f"FROM debian:13 AS s{n}\n{copies.format(f's{n - 1}')}" for n in range(90))
    asked: list[str] = []
    found = read_stages(f'{stages}CMD ["/a/b"]', "Dockerfile", {})
    files = Files(found, asked.append)
    assert files.head(found[-1], "/a/b") is None
    assert len(asked) <= 2000


def test_nothing_outside_the_context_is_read(tmp_path: Path) -> None:
    context = tmp_path / "context"
    (context / "sub").mkdir(parents=True)
    (tmp_path / "secret").write_bytes(b"#!/secret")
    (context / "run").write_bytes(b"#!/x" + b"y" * 999)
    (context / "link").symlink_to("run")
    (context / "out").symlink_to("../secret")
    (context / "loop").symlink_to("loop")
    os.mkfifo(context / "pipe")
    head = heads_of(context)
    assert head("run") == head("sub/../link") == b"#!/x" + b"y" * (HEAD - 4)
    for name in (
        "out",
        "../secret",
        "/etc/passwd",
        "loop",
        "pipe",
        "sub",
        "none",
        "a\0b",
        "x" * 999,
    ):
        assert head(name) is None, name
