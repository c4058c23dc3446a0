"""The tables of system calls that the kernel part and the decoder have, for each processor."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

import careen.sensor
from careen.sensor.syscall_names import name_of, syscall_names
from careen.sensor.wire import SYSCALLS

BPF = Path(careen.sensor.__file__).parent / "bpf"
MACHINES = ("x86_64", "aarch64")
_ROW = re.compile(r"^\t([A-Z]+)\((\d+), ?(.*?)\),[ ]*(?:/\* (\w+))?", re.MULTILINE)
_NUMBER = re.compile(r"^#define ARCH_([A-Z0-9_]+) (\d+)$", re.MULTILINE)


def rows(machine: str) -> Mapping[int, tuple[str, str, str]]:
    """The table of a processor: for each number its kind, its arguments and its comment."""
    text = (BPF / f"arch_{machine}.h").read_text()
    return {int(number): (kind, rest, name) for kind, number, rest, name in _ROW.findall(text)}


@pytest.mark.parametrize("machine", MACHINES)
def test_every_row_has_the_number_of_the_call_that_it_names(machine: str) -> None:
    wrong = {
        number: (name, name_of(machine, number))
        for number, (_, _, name) in rows(machine).items()
        if name and name != name_of(machine, number)
    }
    assert wrong == {}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_numbers_with_a_meaning_of_their_own_are_those_calls(machine: str) -> None:
    found = dict(_NUMBER.findall((BPF / f"arch_{machine}.h").read_text()))
    assert {name_of(machine, int(number)) for number in found.values()} == {
        name.lower() for name in found
    }
    assert set(found) >= {"RT_SIGRETURN", "EXECVE", "EXECVEAT", "EXIT", "EXIT_GROUP", "CHROOT"}


@pytest.mark.parametrize("machine", MACHINES)
def test_every_number_fits_the_sensors_tables(machine: str) -> None:
    names = syscall_names(machine)
    assert max(names) < SYSCALLS
    assert len(set(names.values())) == len(names)


def test_a_call_that_both_have_is_watched_in_the_same_way() -> None:
    of = {
        machine: {
            name_of(machine, number): (kind, rest)
            for number, (kind, rest, _) in rows(machine).items()
        }
        for machine in MACHINES
    }
    both = set(syscall_names("aarch64").values())
    ours = {name: row for name, row in of["x86_64"].items() if name in both}
    assert of["aarch64"] == ours
    assert len(ours) > 50
