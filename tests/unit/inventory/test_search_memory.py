"""What lies at the same place in an image made from another is not searched again."""

from collections.abc import Mapping
from typing import Any

import pytest

from careen.inventory import inside
from careen.inventory.inside_budget import SearchBudget
from careen.inventory.port import Found
from careen.inventory.scan import scan, scan_contents
from careen.inventory.search_memory import SearchMemory
from careen.model.entry import Entry
from careen.model.packages.package import Unknown
from careen.model.paths import ImagePath
from careen.oci.extents import BytesPart, Extents
from careen.oci.tree.rootfs import Content, Rootfs
from tests.support.elf_bytes import elf
from tests.support.trees import tree

PATH = ImagePath("/opt/lib/ssl.so")
TEXT = ImagePath("/opt/notes.txt")
ZLIB = ImagePath("/opt/lib/z.so")


def library(version: str) -> bytes:
    return elf({".rodata": b"\0" * 9 + f'OpenSSL {version} 3 Sep 2024\0OPENSSLDIR: "'.encode()})


class Placed:
    """Content that lies where its bytes say."""

    def __init__(self, content: Content) -> None:
        self.open = content.open
        self.read: list[ImagePath] = []

    def extents(self, entry: Entry) -> Extents:
        with self.open(entry) as stream:
            return Extents([BytesPart(stream.read())])


def placed(files: Mapping[str, bytes | str]) -> Rootfs:
    return tree(files).through(Placed)


def refuse(what: Any, *_: object, **__: object) -> Any:
    raise AssertionError(what)


@pytest.fixture
def original() -> Rootfs:
    return placed({PATH: library("3.0.15"), TEXT: "some notes", ZLIB: elf({".rodata": b"\0" * 99})})


@pytest.fixture
def memory(original: Rootfs) -> SearchMemory:
    memory = SearchMemory(original)
    scan_contents(original, scan(original), memory)
    return memory


def test_a_file_at_the_same_place_is_known(
    original: Rootfs, memory: SearchMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = placed({PATH: library("3.0.15"), TEXT: "some notes"})
    fresh = inside.find(result, scan(result))
    assert [package.version for package in fresh.packages] == ["3.0.15"]
    monkeypatch.setattr(inside, "_inside_elf", refuse)
    assert inside.find(result, scan(result), memory) == fresh


@pytest.mark.parametrize(
    "files",
    [
        {PATH: library("3.0.16")},  # other bytes
        {"/opt/lib/other.so": library("3.0.15")},  # another name may mean something else
    ],
)
def test_another_file_is_searched(memory: SearchMemory, files: dict[str, bytes]) -> None:
    result = placed(files)
    assert inside.find(result, scan(result), memory) == inside.find(result, scan(result))


def test_content_that_does_not_lie_in_files_is_searched(memory: SearchMemory) -> None:
    result = tree({PATH: library("3.0.16")})
    assert [item.version for item in inside.find(result, scan(result), memory).packages] == [
        "3.0.16"
    ]


def place(rootfs: Rootfs) -> Extents:
    found = rootfs.extents(PATH)
    assert found is not None
    return found


def test_a_program_that_a_package_owns_by_now_is_searched(
    original: Rootfs, memory: SearchMemory
) -> None:
    at, left = place(original), SearchBudget()
    assert memory.recall(PATH, at, left, is_owned=True) is None
    assert memory.recall(PATH, at, left, is_owned=False) is not None


def test_what_is_known_takes_from_the_limits_all_the_same(original: Rootfs) -> None:
    memory, found = SearchMemory(original), Found(unknowns=(Unknown(PATH, "why"),))
    at, budgets = place(original), (SearchBudget(10, 10), SearchBudget(5, 7))
    memory.note_program(PATH, at, found, budgets, is_owned=False)
    left = SearchBudget(6, 4)
    assert memory.recall(PATH, at, left, is_owned=False) == found
    assert left == SearchBudget(1, 1)
    assert memory.recall(PATH, at, left, is_owned=False) is None
    assert left == SearchBudget(1, 1)


@pytest.mark.parametrize("after", [SearchBudget(0, 10), SearchBudget(10, 0)])
def test_a_search_that_the_limits_cut_short_is_not_known(
    original: Rootfs, after: SearchBudget
) -> None:
    memory, at = SearchMemory(original), place(original)
    memory.note_program(PATH, at, Found(), (SearchBudget(10, 10), after), is_owned=False)
    assert memory.recall(PATH, at, SearchBudget(), is_owned=False) is None


def test_the_files_of_a_result_are_not_noted(original: Rootfs) -> None:
    memory, result = SearchMemory(original), placed({PATH: library("3.0.15")})
    inside.find(result, scan(result), memory)
    assert memory.recall(PATH, place(result), SearchBudget(), is_owned=False) is None


def test_a_file_that_is_a_program_by_now_is_searched(memory: SearchMemory) -> None:
    result = placed({TEXT: library("3.0.15")})
    assert [item.record for item in inside.find(result, scan(result), memory).packages] == [TEXT]


def test_other_files_are_not_opened_again(
    memory: SearchMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = placed({TEXT: "some notes"})
    monkeypatch.setattr(Extents, "read_at", refuse)
    assert inside.find(result, scan(result), memory) == Found()


def test_a_model_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    # Its reading takes from the limits of all models.
    image = placed({"/m/weights.safetensors": b"\x02\0\0\0\0\0\0\0{}"})
    memory = SearchMemory(image)
    first = inside.find(image, scan(image), memory)
    result = placed({"/m/weights.safetensors": b"\x02\0\0\0\0\0\0\0{}"})
    read: list[ImagePath] = []
    model = inside._model

    def noted(rootfs: Rootfs, entry: Entry, reader: Any) -> Found:
        read.append(entry.path)
        return model(rootfs, entry, reader)

    monkeypatch.setattr(inside, "_model", noted)
    assert inside.find(result, scan(result), memory) == first
    assert read == ["/m/weights.safetensors"]
    assert len(first.models) == 1


def test_a_search_can_be_stopped(original: Rootfs) -> None:
    with pytest.raises(inside.SearchStoppedError):
        scan_contents(original, scan(original), goes_on=lambda: False)
