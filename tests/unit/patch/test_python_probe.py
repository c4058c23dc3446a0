"""What an environment's interpreter says of itself; the image chose the interpreter."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careen.errors import ToolError
from careen.model.patching import PatchChoices
from careen.model.paths import ImagePath
from careen.patch.python.environments import Environment
from careen.patch.python.probe import answer, installed, probe
from careen.patch.python.sources import sources_of
from careen.patch.sandbox import Sandbox
from tests.support.told import ToldContainer
from tests.support.trees import tree

VENV = ImagePath("/opt/venv")
ENVIRONMENT = Environment(VENV, "venv", "/opt/venv/bin/python", "3.11", ())
SAID: dict[str, Any] = {
    "version": [3, 11, 2],
    "name": "cpython",
    "flags": "",
    "bits": 64,
    "machine": "x86_64",
    "glibc": "glibc 2.17",
    "musl": "",
    "missing": [],
    "markers": {"python_version": "3.11", "os_name": "posix"},
    "variables": {"PIP_INDEX_URL": "https://x"},
}


def box(output: str, scratch: Path, status: int = 0) -> Sandbox:
    return Sandbox(ToldContainer(lambda _: (status, output)), scratch)


def probed(tmp_path: Path, **changes: Any) -> Any:
    return probe(ENVIRONMENT, box("careen:" + json.dumps({**SAID, **changes}), tmp_path))


def test_an_interpreter_is_asked_for_version_markers_and_tags(tmp_path: Path) -> None:
    found = probed(tmp_path)
    assert (found.full, found.implementation, found.libc) == ("3.11.2", "cpython", "glibc 2.17")
    assert found.tags[0] == "cp311-cp311-manylinux_2_17_x86_64"
    assert "cp311-cp311-manylinux2014_x86_64" in found.tags
    assert "py3-none-any" in found.tags
    assert "cp311-cp311-manylinux_2_18_x86_64" not in found.tags
    assert found.markers == {"python_version": "3.11", "os_name": "posix"}
    assert found.variables == {"PIP_INDEX_URL": "https://x"}


@pytest.mark.parametrize(
    ("changes", "libc", "tag"),
    [
        ({"glibc": "", "musl": "ld-musl-x86_64.so.1"}, "musl", "cp311-cp311-musllinux_1_2_x86_64"),
        ({"glibc": "", "musl": ""}, "", "cp311-cp311-linux_x86_64"),
        ({"bits": 32}, "glibc 2.17", "cp311-cp311-manylinux_2_17_i686"),
        ({"flags": "m"}, "glibc 2.17", "cp311-cp311m-manylinux_2_17_x86_64"),
        ({"free": True}, "glibc 2.17", "cp311-cp311t-manylinux_2_17_x86_64"),
        (
            {"name": "pypy", "soabi": "pypy311-pp73-x86_64"},
            "glibc 2.17",
            "pp311-pypy311_pp73-manylinux_2_17_x86_64",
        ),
    ],
)
def test_tags_follow_the_interpreter_and_its_library(
    changes: dict[str, Any], libc: str, tag: str, tmp_path: Path
) -> None:
    found = probed(tmp_path, **changes)
    assert (found.libc, found.tags[0]) == (libc, tag)


@pytest.mark.parametrize("glibc", ["glibc 2." + "9" * 5000, "glibc 2.\u0661", "2", "glibc 3.1", 5])
def test_a_library_that_is_none_has_no_tags_of_its_own(glibc: object, tmp_path: Path) -> None:
    found = probed(tmp_path, glibc=glibc)
    assert found.libc == ""
    assert found.tags[0] == "cp311-cp311-linux_x86_64"


@pytest.mark.parametrize("version", [None, [], [3, 11], ["3", "11", "2"], "3.11.2", [3, 1, 1, 1]])
def test_an_interpreter_without_a_version_is_refused(version: object, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"asking /opt/venv/bin/python what it is: no version"):
        probed(tmp_path, version=version)


def test_text_of_the_interpreter_is_bounded(tmp_path: Path) -> None:
    found = probed(
        tmp_path,
        missing=["zipfile: \ud800" + "x" * 1000, 7],
        markers={"os_name": "y" * 1000, "x": 3},
        machine="m" * 1000,
    )
    (missing,) = found.missing
    assert len(missing) <= 200
    assert missing.isascii()
    assert len(found.markers["os_name"]) == 100
    assert all(len(tag) < 200 for tag in found.tags)


def test_the_last_line_of_ours_is_the_answer() -> None:
    output = 'careen:{"a": 1}\nnoise\ncareen:{"a": 2}\nmore noise'
    assert answer(output, "asking") == {"a": 2}


@pytest.mark.parametrize("output", ["", "noise", "careen", "careen:", "careen:[]", "careen:{"])
def test_output_without_an_answer_is_refused(output: str) -> None:
    with pytest.raises(ToolError, match=r"^asking") as caught:
        answer(output, "asking")
    assert "\n" not in str(caught.value)


@given(st.text(max_size=40))
def test_any_output_is_an_answer_or_refused(output: str) -> None:
    try:
        found = answer(f"careen:{output}", "asking")
    except ToolError:
        return
    assert isinstance(found, dict)


def test_installed_distributions_are_read_back(tmp_path: Path) -> None:
    dists = [
        {"name": "Typing_Extensions", "version": "4", "requires": ["a>=1"]},
        {"name": None, "version": 3, "requires": "x"},
        "no object",
    ]
    found = installed(ENVIRONMENT, box("careen:" + json.dumps({"dists": dists}), tmp_path))
    assert [(each.name, each.version) for each in found] == [("typing-extensions", "4"), ("", "")]


def test_an_interpreter_that_fails_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"asking /opt/venv/bin/python what it is: .* ended with 1"):
        probe(ENVIRONMENT, box("Segmentation fault", tmp_path, status=1))


# The sources that the image names.


@pytest.mark.parametrize(
    ("files", "indexes"),
    [
        (
            {"/etc/pip.conf": "[global]\nindex-url = https://a\n[install]\nindex_url=https://b\n"},
            ("https://b",),
        ),
        (
            {
                "/opt/venv/pip.conf": "[global]\nextra-index-url = https://a\n  x=https://b\nindex-url=https://c"
            },
            ("https://a", "https://b", "https://c"),
        ),
        ({"/etc/pip.conf": "no section\n", "/opt/venv/pip.conf": ""}, ("https://default",)),
        ({"/etc/pip.conf": "[global]\nno-index = true\n"}, ()),
        (
            {"/etc/uv/uv.toml": 'index-url = "https://u"\n[pip]\nindex-url = "https://p"'},
            ("https://p",),
        ),
        (
            {
                "/etc/uv/uv.toml": '[[index]]\nurl = "https://one"\n[[index]]\nurl = "https://two"\n'
                'default = true\n[[index]]\nname = "none"\n'
            },
            ("https://one", "https://two"),
        ),
        ({"/etc/uv/uv.toml": "no-index = true"}, ()),
        ({"/etc/uv/uv.toml": "a = " + "9" * 5000}, ("https://default",)),
        ({"/etc/uv/uv.toml": "a = " + "[" * 10_000}, ("https://default",)),
        ({"/etc/uv/uv.toml": "pip = 3\nindex = 4\nindex-url = 5"}, ("https://default",)),
    ],
)
def test_settings_of_the_image_name_its_indexes(
    files: dict[str, str], indexes: tuple[str, ...]
) -> None:
    choices = PatchChoices(python_default="https://default")
    assert sources_of(choices, tree(files), VENV, {}).indexes == indexes


@pytest.mark.parametrize(
    ("variables", "indexes"),
    [
        ({"PIP_INDEX_URL": "https://v"}, ("https://v",)),
        (
            {"pip_extra_index_url": "https://e https://f"},
            ("https://e", "https://f", "https://default"),
        ),
        ({"PIP_NO_INDEX": "1"}, ()),
        ({"UV_DEFAULT_INDEX": "https://u"}, ("https://u",)),
    ],
)
def test_variables_of_the_container_go_before_its_files(
    variables: dict[str, str], indexes: tuple[str, ...]
) -> None:
    choices = PatchChoices(python_default="https://default")
    assert sources_of(choices, tree({}), VENV, variables).indexes == indexes


def test_an_index_of_the_user_replaces_all_of_the_image() -> None:
    rootfs = tree({"/etc/pip.conf": "[global]\nextra-index-url = https://a\n"})
    choices = PatchChoices(python_index="https://mine")
    assert sources_of(choices, rootfs, VENV, {"PIP_INDEX_URL": "https://v"}).indexes == (
        "https://mine",
    )
    assert sources_of(PatchChoices(no_index=True), rootfs, VENV, {}).indexes == ()
    assert sources_of(PatchChoices(online=False), rootfs, VENV, {}).indexes == ()
