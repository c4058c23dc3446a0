"""No path that an engine has and careen has not: every oddity of a layer, as docker's two stores
and umoci unpack it, against careen's index.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import pytest

from careen.errors import ImageError
from careen.oci.open import open_image
from careen.oci.reference import OciLayout
from tests.support.images import oci_layout
from tests.support.layer_engines import Refused, Tree, Umoci, Unpacker, docker_daemon
from tests.support.layer_oddities import BASE, ODDITIES, Oddity
from tests.support.raw_tar import raw_layer

Start = Callable[[Path], AbstractContextManager[Unpacker]]
_BATCH = 60
_REPEATS = frozenset(name for name in ODDITIES if name.endswith("of the same name"))
_OVER_FULL = frozenset(
    {
        *(
            f"{first}, then {then} of the same name"
            for first in ("directory", "full directory")
            for then in ("symlink", "dangling symlink")
        ),
        "parent becomes a symlink later in the layer",
        "symlink over a directory with children of the layer",
    }
)
_NO_ENGINE = frozenset(
    {
        "pax header with zeros behind",
        "xattr b'security.capability'",  # not a capability, as the kernel says
        "xattr b'system.posix_acl_access'",
        "xattr b'user.'",
        "sparse, GNU's old",  # read by GNU tar and by careen
        "sparse, GNU's old, in ustar format",
    }
)
_LOOPS = frozenset({"whiteout through a loop", "parent is a loop"})

REFUSES: Mapping[str, frozenset[str]] = {
    "overlay2": (
        _NO_ENGINE
        | _OVER_FULL
        | _REPEATS  # its record of a layer (tar-split) takes no name twice
        | {
            "opaque twice",
            "hard link over its own kind",
            "hard link's target replaced after it",
            "xattr b'nonsense'",
        }
    ),
    "containerd": _NO_ENGINE | _OVER_FULL | _LOOPS,
    "umoci": (
        _NO_ENGINE
        | _LOOPS
        | {"parent is a lower file", "global path", "global path, then a local one", "global xattr"}
    ),
}
"""What careen takes and a program refuses. Harmless: careen sees more than that program runs, which
is nothing.
"""

THROUGH_LOWER_LINKS = frozenset(
    {
        "hard link below a symlink",
        "parent is a lower symlink",
        "parent is an absolute lower symlink",
        "parent is a climbing lower symlink",
        "parent is a dangling lower symlink",
        "parent below a lower symlink",
        "new directory below a lower symlink",
        "directory, symlink, file below",
        "chain of lower symlinks",
        "symlink made a layer before",
        "symlink made a layer before, with its target",
    }
)
"""Where umoci, which unpacks into one tree, writes through a symlink of a lower layer, and both of
docker's stores hide that symlink by a directory.

It is no engine: what runs the image has careen's paths (docs/adr/0015-layers-as-overlay.md).
"""


@dataclass(slots=True)
class Found:
    """What came of a comparison."""

    unseen: dict[str, list[str]] = field(default_factory=dict)
    different: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    compared: int = 0


def index(layers: list[bytes], folder: Path) -> Tree:
    """Return careen's view of an image. Raises ImageError."""
    layout = folder / "careen"
    oci_layout(layout, layers, compression="none")
    try:
        with open_image(OciLayout(layout), None, folder) as image:
            rootfs = image.rootfs()
            out = {}
            for entry in rootfs:
                text = (
                    repr(rootfs.read(entry.path, 1 << 20)[:100]) if entry.is_file else entry.target
                )
                out[str(entry.path)] = f"{entry.kind.value} {text}".strip()
            del out["/"]
            return out
    finally:
        shutil.rmtree(layout)


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tree]:
    """The cases that careen takes, with its view of each."""
    folder = tmp_path_factory.mktemp("views")
    out: dict[str, Tree] = {}
    refused: list[str] = []
    for name, oddity in ODDITIES.items():
        try:
            out[name] = index(oddity.tars(), folder)
        except ImageError as error:
            refused.append(str(error))
    assert not any("\n" in line for line in refused)
    return out


def alone(oddity: Oddity) -> bool:
    """Say whether a case needs an image of its own."""
    return oddity.at_root or oddity.name in THROUGH_LOWER_LINKS


def together(names: list[str]) -> list[bytes]:
    """Return one image of many cases, each below a folder of its own."""
    stacks = [ODDITIES[name].below(b"%d" % number) for number, name in enumerate(names)]
    return [
        raw_layer([entry for layer in layers for entry in layer or ()])
        for layers in zip_longest(*stacks)
    ]


def judge(found: Found, name: str, mine: Tree, theirs: Tree) -> None:
    found.compared += 1
    if unseen := sorted(set(theirs) - set(mine)):
        found.unseen[name] = unseen
    if different := sorted(path for path in set(mine) & set(theirs) if mine[path] != theirs[path]):
        found.different[name] = [
            f"{path}: {theirs[path]}, careen {mine[path]}" for path in different
        ]


def within(tree: Tree, folder: str) -> Tree:
    """Return the part of a tree below a folder, its absolute links shortened by that folder as
    well.
    """
    inside = {
        path.removeprefix(folder): text
        for path, text in tree.items()
        if path.startswith(folder + "/")
    }
    return {path: text.replace(f"symlink {folder}/", "symlink /") for path, text in inside.items()}


def compared(program: Unpacker, views: Mapping[str, Tree]) -> Found:
    """Hand every case that careen takes to a program: most of them together, the rest one by
    one.
    """
    found = Found()
    many = [
        name for name in views if not alone(ODDITIES[name]) and name not in REFUSES[program.name]
    ]
    single = [name for name in views if name not in set(many)]
    for start in range(0, len(many), _BATCH):
        names = many[start : start + _BATCH]
        try:
            tree = program.tree(together(names))
        except Refused:  # by a case that is not in the table, or by chance: each alone tells
            single.extend(names)
            continue
        for number, name in enumerate(names):
            judge(found, name, views[name], within(tree, f"/{number}"))
    for name in single:
        try:
            judge(found, name, views[name], again_if_new(program, name))
        except Refused as error:
            found.refused[name] = str(error)
    return found


def again_if_new(program: Unpacker, name: str) -> Tree:
    """Return a case's tree, and try again what the program has not been known to refuse.

    containerd's collector can take a snapshot while an image loads: "parent snapshot … does not
    exist" (containerd/containerd#3787). A layer that is refused for what it is fails both times.
    """
    layers = ODDITIES[name].tars()
    try:
        return program.tree(layers)
    except Refused:
        if name in REFUSES[program.name]:
            raise
        return program.tree(layers)


@contextmanager
def umoci(folder: Path) -> Iterator[Unpacker]:
    folder.mkdir()
    yield Umoci(folder)


def _daemon(name: str, *, containerd: bool) -> Start:
    return lambda _: docker_daemon(
        Path("/tmp") / f"careen-test-{name}-{os.getpid()}",
        name,
        {"containerd-snapshotter": containerd},
    )  # a socket's path is short


PROGRAMS = [
    pytest.param(
        "overlay2",
        _daemon("overlay2", containerd=False),
        id="overlay2",
        marks=[pytest.mark.root, pytest.mark.docker],
    ),
    pytest.param(
        "containerd",
        _daemon("containerd", containerd=True),
        id="containerd",
        marks=[pytest.mark.root, pytest.mark.docker],
    ),
    pytest.param("umoci", umoci, id="umoci", marks=[pytest.mark.root, pytest.mark.umoci]),
]


@pytest.mark.parametrize(("name", "start"), PROGRAMS)
def test_no_path_that_an_engine_has_and_careen_has_not(
    name: str, views: dict[str, Tree], start: Start, tmp_path: Path
) -> None:
    with start(tmp_path / name) as program:
        found = compared(program, views)
    excused = THROUGH_LOWER_LINKS if name == "umoci" else frozenset[str]()
    assert {case: paths for case, paths in found.unseen.items() if case not in excused} == {}
    if name != "umoci":  # of one kind are both: umoci keeps a link where docker has a directory
        assert found.different == {}
    assert {case: said for case, said in found.refused.items() if case not in REFUSES[name]} == {}
    assert found.compared + len(found.refused) == len(views)


def test_the_cases_are_many_and_careen_takes_most() -> None:
    assert len(ODDITIES) >= 200
    assert all(oddity.name == name for name, oddity in ODDITIES.items())
    assert raw_layer(BASE) == raw_layer(BASE)


def test_the_tables_name_cases() -> None:
    """A case that is renamed must not leave its excuse behind."""
    assert ODDITIES.keys() >= THROUGH_LOWER_LINKS
    for names in REFUSES.values():
        assert names <= ODDITIES.keys()
