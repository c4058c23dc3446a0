"""Handlers of binfmt_misc, as the kernel shows them."""

from pathlib import Path

import pytest

from careen.model.machines import ARCHITECTURES, architecture_of, program_header
from careen.tools.binfmt import handler_for, handlers

MAGIC = "7f454c460201010000000000000000000200b700"
MASK = "ffffffffffffff00fffffffffffffffffeffffff"


def shown(
    flags: str = "POF", *, first: str = "enabled", magic: str = MAGIC, mask: str = MASK
) -> str:
    """A handler in the form of the kernel's file."""
    return (
        f"{first}\ninterpreter /usr/bin/qemu-aarch64\nflags: {flags}\noffset 0\nmagic {magic}\n"
        f"mask {mask}\n"
    )


def folder(path: Path, status: str = "enabled\n", **files: str) -> Path:
    path.mkdir(exist_ok=True)
    (path / "register").write_text("")
    (path / "status").write_text(status)
    for name, text in files.items():
        (path / name).write_text(text)
    return path


def test_a_handler_is_read_as_the_kernel_shows_it(tmp_path: Path) -> None:
    (found,) = handlers(folder(tmp_path / "misc", arm=shown())) or ()
    assert (found.name, found.interpreter, found.flags) == ("arm", "/usr/bin/qemu-aarch64", "POF")
    assert found.in_containers


def test_a_handler_takes_programs_of_its_machine_alone(tmp_path: Path) -> None:
    found = handlers(folder(tmp_path / "misc", arm=shown()))
    assert found is not None
    fitting = [name for name in ARCHITECTURES if handler_for(name, found) is not None]
    assert fitting == ["arm64"]
    assert handler_for("pdp11", found) is None


def test_a_handler_that_works_in_containers_comes_first(tmp_path: Path) -> None:
    found = handlers(folder(tmp_path / "misc", a=shown("P"), b=shown("F")))
    assert found is not None
    best = handler_for("arm64", found)
    assert best is not None
    assert best.name == "b"


def test_that_nothing_is_mounted_is_not_that_there_is_none(tmp_path: Path) -> None:
    assert handlers(tmp_path / "none") is None
    assert handlers(folder(tmp_path / "off", "disabled\n", arm=shown())) == ()
    assert handlers(folder(tmp_path / "empty")) == ()


@pytest.mark.parametrize(
    "text",
    [
        shown(first="disabled"),
        "enabled\ninterpreter /usr/bin/x\nflags: \nextension .jar\n",
        shown(magic="7f4"),
        shown(magic="zz"),
        shown(mask="ff"),
        "",
        "enabled",
        "enabled\n\udcff",
    ],
)
def test_what_is_no_such_handler_is_left_out(tmp_path: Path, text: str) -> None:
    path = folder(tmp_path / "misc")
    (path / "odd").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert handlers(path) == ()


def test_without_a_mask_every_bit_counts(tmp_path: Path) -> None:
    exact = (program_header("riscv64") or b"").hex()
    text = f"enabled\ninterpreter /q\nflags: F\noffset 0\nmagic {exact}\n"
    found = handlers(folder(tmp_path / "misc", riscv=text))
    assert found is not None
    assert handler_for("riscv64", found) is not None
    assert handler_for("arm64", found) is None


def test_headers_name_their_architecture() -> None:
    assert {name: architecture_of(program_header(name) or b"") for name in ARCHITECTURES} == {
        name: name for name in ARCHITECTURES
    }
    assert architecture_of(b"\x7fELF") is None
    assert architecture_of(b"#!/bin/sh" * 4) is None
