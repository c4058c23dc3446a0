"""What readers find in files: read once for each content, by all runs and images."""

import json
import sysconfig
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan
from careen.model.runs.trace import Use
from careen.oci.tree.rootfs import Rootfs
from careen.plan.core.readings import Reader, Readings
from careen.plan.core.rules import load_rules
from careen.plan.core.sources import READERS
from careen.plan.decide import Policy, decide
from tests.support.plans import Case, Files, elf, package, scene_of

LIBRARY = sorted(Path(sysconfig.get_paths()["stdlib"]).rglob("*.py"))[::12]
SITE = "/usr/lib/python3.11/site-packages"
FAST = "fast.cpython-311-x86_64-linux-gnu.so"


class Remembered(dict[tuple[str, ...], bytes]):
    """Values in memory."""

    def get(self, *words: str) -> bytes | None:  # type: ignore[override]
        return super().get(words)

    def put(self, value: bytes, *words: str) -> None:
        self[words] = value


class Counted:
    """The content of an image; counts what is opened."""

    def __init__(self, rootfs: Rootfs) -> None:
        self._rootfs = rootfs
        self.opened: list[str] = []

    def open(self, entry: Entry) -> BinaryIO:
        self.opened.append(entry.path)
        return self._rootfs.open(entry.path)


def case() -> Case:
    sources: Files = {
        f"{SITE}/a/__init__.py": 'import b\nfrom . import core\nsubprocess.run(["tool", "-v"])\n',
        f"{SITE}/a/core.py": 'import ctypes\nctypes.CDLL("libz.so.1")\n"c.x"\n',
        f"{SITE}/a/{FAST}": elf(text=b"PyImport_Import\0pyo3 __pyx_\0d\0a.core\0oddlynamed/"),
        f"{SITE}/b/__init__.py": "",
        f"{SITE}/d/__init__.py": "",
        f"{SITE}/c/x.py": "",
    }
    files: Files = {
        **sources,
        "/usr/lib/python3.11/os.py": "",
        "/usr/lib/python3.11/encodings/__init__.py": "",
        "/usr/bin/python3": elf(),
        "/usr/bin/tool": elf(text=b"/usr/share/data/words\0libopened.so.2\0"),
        "/usr/lib/libz.so.1": elf(),
        "/usr/lib/libopened.so.2": elf(),
        "/app/main.py": "import a\n",
    }
    packages = tuple(
        package(
            Ecosystem.PYPI,
            name,
            tuple(path for path in sources if path.startswith(f"{SITE}/{name}/")),
            modules=(name,),
        )
        for name in "abcd"
    )
    used = {"/app/main.py": Use.OPENED, "/usr/bin/python3": Use.EXECUTED}
    return Case(files, used, (), packages=packages, rules=load_rules(), run={"WorkingDir": "/app"})


def planned(values: Remembered | None, stamp: str = "1") -> tuple[Plan, list[str]]:
    rootfs, inventory, bom, config = scene_of(case())
    content = Counted(rootfs)
    counted = Rootfs({entry.path: entry for entry in rootfs}, content)
    readings = Readings(values, [f"sha256:{number}" for number in range(3)], stamp)
    policy = Policy(Level.CLOSURE, (), (), load_rules(), "a" * 64)
    return decide(counted, inventory, bom, config, policy, readings=readings), content.opened


def test_a_second_plan_is_the_same_and_opens_no_source_again() -> None:
    plain, opened = planned(None)
    assert {f"{SITE}/a/core.py", "/usr/lib/libz.so.1", "/usr/bin/tool"} <= plain.keep.keys()
    assert {f"{SITE}/d/__init__.py", "/usr/lib/libopened.so.2"} <= plain.keep.keys()
    assert {f"{SITE}/a/core.py", f"{SITE}/a/{FAST}", "/usr/bin/tool"} <= {*opened}
    values = Remembered()
    assert planned(values)[0] == plain
    again, later = planned(values)
    assert again == plain
    assert [path for path in later if path.startswith(SITE) and path.endswith(".py")] == []
    assert later.count(f"{SITE}/a/{FAST}") < opened.count(f"{SITE}/a/{FAST}")


def test_other_code_reads_again() -> None:
    values = Remembered()
    planned(values)
    assert f"{SITE}/a/core.py" in planned(values, "2")[1]


@pytest.mark.parametrize("damage", [b"", b"[]", b"\x28\xb5\x2f\xfd" + bytes(20)])
def test_a_damaged_value_is_read_again(damage: bytes) -> None:
    values = Remembered()
    plain, _ = planned(values)
    for key in values:
        if key[0] != "digest":
            values[key] = damage
    assert planned(values)[0] == plain


def one(path: str, layer: int = 0, size: int = 1) -> Entry:
    entry = next(iter(scene_of(Case({"/a": "x"}, {}, ()))[0]))
    return replace(entry, path=ImagePath(path), layer=layer, size=size)


def test_a_content_is_read_once_wherever_it_lies() -> None:
    read: list[bytes] = []

    def count(data: bytes) -> int:
        read.append(data)
        return len(data)

    reader = Reader[bytes, int]("length", count, int, int)
    values = Remembered()
    first, second = (Readings(values, [diff_id], "1") for diff_id in ("x", "y"))
    assert first.of(one("/a"), reader, lambda: b"abc") == 3
    assert second.of(one("/b"), reader, lambda: b"abc") == 3
    assert second.of(one("/c"), reader, lambda: b"other") == 5
    assert read == [b"abc", b"other"]


def test_a_path_in_another_stack_of_layers_is_another_content() -> None:
    reader = Reader[bytes, int]("length", len, int, int)
    values = Remembered()
    stacks = (["x"], ["y"], ["x", "z"], ["y", "z"])
    contents = {f"{stack}": b"a" * (number + 1) for number, stack in enumerate(stacks)}
    for _ in range(2):
        for stack in stacks:
            content = partial(contents.__getitem__, f"{stack}")
            found = Readings(values, stack, "1").of(one("/a", len(stack) - 1), reader, content)
            assert found == len(content())


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_what_is_remembered_is_what_was_read(reader: Reader[bytes, Any]) -> None:
    for path in LIBRARY:
        found = reader.read(path.read_bytes())
        assert reader.load(json.loads(json.dumps(reader.dump(found)))) == found, path
