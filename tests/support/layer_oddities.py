"""Layers with every oddity that readers of layers may take differently: the cases that careen and
the engines are compared on.

Each case is one or two layers over `BASE`, made of raw entries, small, and the same in every run.
`ODDITIES` has them by name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from tests.support.raw_tar import (
    END,
    GNU,
    V7,
    Raw,
    Records,
    Spelling,
    encoded,
    extended,
    moved,
    raw_layer,
    record,
)

Layer = Sequence[Raw]
FILE, LINK, SYMLINK, CHAR, BLOCK_DEVICE, DIRECTORY, FIFO = (b"%d" % number for number in range(7))
DATA = b"odd"
XATTR = b"SCHILY.xattr."


@dataclass(frozen=True, slots=True)
class Oddity:
    """The layers above `BASE`. `at_root` says that the case means the image's root itself: it
    cannot be moved below a folder.
    """

    name: str
    layers: tuple[tuple[Raw, ...], ...]
    at_root: bool = False
    tail: bytes = END

    def tars(self) -> list[bytes]:
        """Return the case as an image of its own: the layers, lowest first."""
        return [
            raw_layer(BASE),
            *(b"".join(map(encoded, layer)) + self.tail for layer in self.layers),
        ]

    def below(self, folder: bytes) -> list[tuple[Raw, ...]]:
        """Return the entries of all layers, moved below a folder, so that many cases share one
        image.
        """
        return [tuple(moved(entry, folder) for entry in layer) for layer in (BASE, *self.layers)]


def f(name: bytes, data: bytes = DATA) -> Raw:
    return Raw(name, FILE, data)


def d(name: bytes, mode: int = 0o755, pax: Records = ()) -> Raw:
    return Raw(name, DIRECTORY, mode=mode, pax=pax)


def s(name: bytes, target: bytes) -> Raw:
    return Raw(name, SYMLINK, link=target, mode=0o777)


def h(name: bytes, target: bytes) -> Raw:
    return Raw(name, LINK, link=target)


def dev(name: bytes, kind: bytes = CHAR, major: int = 0, minor: int = 0) -> Raw:
    return Raw(name, kind, device=(major, minor))


BASE: tuple[Raw, ...] = (
    d(b"d"),
    f(b"d/a", b"A"),
    f(b"d/b", b"B"),
    d(b"d/e"),
    f(b"d/e/f", b"F"),
    d(b"g"),
    f(b"g/x", b"X"),
    f(b"file", b"low"),
    s(b"l", b"d"),
    s(b"abs", b"/d"),
    s(b"dead", b"nowhere"),
    s(b"up", b"../../d"),
    s(b"loop", b"loop"),
    h(b"hard", b"file"),
)

_AS: dict[str, tuple[bytes, bytes, bytes]] = {  # what a marker may be: type, data, link
    "an empty file": (FILE, b"", b""),
    "a file with data": (FILE, DATA, b""),
    "a directory": (DIRECTORY, b"", b""),
    "a symlink": (SYMLINK, b"", b"g"),
    "a hard link": (LINK, b"", b"anchor"),
    "a device": (CHAR, b"", b""),
    "a fifo": (FIFO, b"", b""),
}


def _marker(name: bytes, form: str) -> Iterator[Raw]:
    kind, data, link = _AS[form]
    if kind == LINK:
        yield f(b"anchor")
    yield Raw(name, kind, data, link)


def _whiteouts() -> Iterator[Oddity]:
    victims = {
        "a file": b"d/.wh.a",
        "a tree": b".wh.d",
        "a symlink": b".wh.l",
        "nothing": b"d/.wh.none",
        "nothing in nothing": b"n/.wh.none",
    }
    for (what, name), form in product(victims.items(), _AS):
        yield Oddity(f"whiteout of {what} as {form}", (tuple(_marker(name, form)),))
    spelt = {
        "below dot": b"./d/.wh.a",
        "absolute": b"/d/.wh.a",
        "with doubled slashes": b"d//.wh.a",
        "with a slash behind": b"d/.wh.a/",
        "with a dot behind": b"d/.wh.a/.",
        "through a parent": b"d/e/../.wh.a",
        "through a symlink": b"l/.wh.a",
        "through an absolute symlink": b"abs/.wh.a",
        "through a climbing symlink": b"up/.wh.a",
        "through a dangling symlink": b"dead/.wh.a",
        "through a loop": b"loop/.wh.a",
        "below a file": b"file/.wh.a",
        "of a name that is a whiteout": b"d/.wh..wh.a",
        "in capitals": b"d/.WH.a",
        "with a blank in front": b"d/ .wh.a",
        "cut short": b"d/.wh",
        "without its second dot": b"d/.wha",
        "of no name": b"d/.wh.",
        "of the directory itself": b"d/.wh..",
        "of the directory above": b"d/.wh...",
        "of four dots": b"d/.wh.....",
        "of a whiteout of no name": b"d/.wh..wh.",
        "of a whiteout of a dot": b"d/.wh..wh..",
        "of the opaque marker": b"d/.wh..wh..wh..opq",
        "of a name with a newline": b"d/.wh.a\nb",
        "of a name that is not UTF-8": b"d/.wh.\xff",
        "of a very long name": b"d/.wh." + b"n" * 251,
    }
    for what, name in spelt.items():
        yield Oddity(
            f"whiteout {what}",
            ((Raw(name, spelling=Spelling.PAX if len(name) > 99 else Spelling.HEADER),),),
        )
    for what, name in {
        "of no name": b".wh.",
        "of the directory itself": b".wh..",
        "of the directory above": b".wh...",
        "of a dot name": b"./.wh.d",
    }.items():
        yield Oddity(f"whiteout in the root {what}", ((Raw(name),),), at_root=True)
    yield Oddity("whiteout that a pax header names", ((Raw(b"d/.wh.a", spelling=Spelling.PAX),),))
    yield Oddity(
        "whiteout that a GNU header names", ((Raw(b"d/.wh.a", spelling=Spelling.GNU_LONG),),)
    )
    yield Oddity(
        "whiteout in a header that pax renames",
        ((Raw(b"d/new", data=DATA, spelling=Spelling.PAX, decoy=b"d/.wh.a"),),),
    )


def _order() -> Iterator[Oddity]:
    """Whiteouts and entries of the same name, in every order, within a layer and across layers."""
    file_out, tree_out = Raw(b"d/.wh.a"), Raw(b".wh.d")
    stories: dict[str, tuple[Layer, ...]] = {
        "whiteout, then the file": ((file_out, f(b"d/a")),),
        "the file, then whiteout": ((f(b"d/a"), file_out),),
        "new file, then its whiteout": ((f(b"d/new"), Raw(b"d/.wh.new")),),
        "whiteout, then a symlink": ((file_out, s(b"d/a", b"b")),),
        "whiteout, then a directory in its place": ((file_out, d(b"d/a"), f(b"d/a/new")),),
        "whiteout of a tree, then the directory": ((tree_out, d(b"d")),),
        "whiteout of a tree, then directory and file": ((tree_out, d(b"d"), f(b"d/new")),),
        "whiteout of a tree, then a file below it": ((tree_out, f(b"d/new")),),
        "the directory, then whiteout of the tree": ((d(b"d"), tree_out),),
        "a file below, then whiteout of the tree": ((f(b"d/new"), tree_out),),
        "whiteout of a tree, then a file": ((tree_out, f(b"d")),),
        "whiteout of a tree, then a symlink": ((tree_out, s(b"d", b"g")),),
        "whiteout of a tree, opaque directory": (
            (tree_out, d(b"d"), Raw(b"d/.wh..wh..opq"), f(b"d/new")),
        ),
        "whiteout of a tree and of a file in it": ((tree_out, file_out),),
        "whiteout of a file and of its tree": ((file_out, tree_out),),
        "whiteout twice": ((file_out, file_out),),
        "whiteout in two layers": ((file_out,), (file_out,)),
        "whiteout, then the file a layer later": ((file_out,), (f(b"d/a"),)),
        "whiteout of a tree, then the directory a layer later": (
            (tree_out,),
            (d(b"d"), f(b"d/new")),
        ),
        "whiteout of a tree, then a file below it a layer later": ((tree_out,), (f(b"d/new"),)),
        "whiteout of what the layer below made": ((d(b"n"), f(b"n/x")), (Raw(b".wh.n"),)),
        "whiteout of one name of a hard link": ((Raw(b".wh.file"),),),
        "whiteout of a symlink's target": ((Raw(b".wh.d"), Raw(b"l/.wh.a")),),
        "whiteout of an empty directory below": ((d(b"n"),), (Raw(b".wh.n"), d(b"n"), f(b"n/x"))),
        "whiteout directory with a file in it": ((d(b"d/.wh.a"), f(b"d/.wh.a/x")),),
        "file below a whiteout that is not there": ((f(b"d/.wh.a/x"),),),
        "directory below a whiteout": ((d(b"d/.wh.a/y"),),),
        "whiteout below a whiteout": ((Raw(b"d/.wh.e/.wh.f"),),),
        "whiteout of a renamed directory": ((Raw(b".wh.g"), d(b"r"), f(b"r/x"), s(b"g", b"r")),),
    }
    for name, layers in stories.items():
        yield Oddity(name, tuple(map(tuple, layers)))


def _opaque() -> Iterator[Oddity]:
    for form in _AS:
        yield Oddity(
            f"opaque marker as {form}", ((d(b"d"), *_marker(b"d/.wh..wh..opq", form), f(b"d/new")),)
        )
    stories: dict[str, tuple[Layer, ...]] = {
        "opaque without the directory": ((Raw(b"d/.wh..wh..opq"), f(b"d/new")),),
        "opaque after the additions": ((d(b"d"), f(b"d/new"), Raw(b"d/.wh..wh..opq")),),
        "opaque between the additions": (
            (d(b"d"), f(b"d/one"), Raw(b"d/.wh..wh..opq"), f(b"d/two")),
        ),
        "opaque before its directory": ((Raw(b"d/.wh..wh..opq"), d(b"d", 0o700), f(b"d/new")),),
        "opaque of a directory that is nowhere": ((Raw(b"n/.wh..wh..opq"), f(b"n/x")),),
        "opaque through a symlink": ((Raw(b"l/.wh..wh..opq"), f(b"d/new")),),
        "opaque of a file": ((Raw(b"file/.wh..wh..opq"),),),
        "opaque twice": ((d(b"d"), Raw(b"d/.wh..wh..opq"), Raw(b"d/.wh..wh..opq")),),
        "opaque of a directory inside": ((d(b"d/e"), Raw(b"d/e/.wh..wh..opq"), f(b"d/e/new")),),
        "opaque and a whiteout inside": (
            (d(b"d"), Raw(b"d/.wh..wh..opq"), Raw(b"d/.wh.a"), f(b"d/new")),
        ),
        "opaque, then a file a layer later": ((d(b"d"), Raw(b"d/.wh..wh..opq")), (f(b"d/new"),)),
        "opaque in two layers": (
            (d(b"d"), Raw(b"d/.wh..wh..opq"), f(b"d/one")),
            (d(b"d"), Raw(b"d/.wh..wh..opq"), f(b"d/two")),
        ),
        "opaque of a directory in place of a file": (
            (d(b"file"), Raw(b"file/.wh..wh..opq"), f(b"file/x")),
        ),
        "opaque below the marker": ((f(b"d/.wh..wh..opq/x"),),),
        "opaque of the parent by dots": ((Raw(b"d/e/../.wh..wh..opq"), f(b"d/new")),),
        "opaque with a slash behind": ((d(b"d"), Raw(b"d/.wh..wh..opq/"), f(b"d/new")),),
        "opaque keeps an inner directory's own": (
            (d(b"d"), Raw(b"d/.wh..wh..opq"), d(b"d/e"), f(b"d/e/new")),
        ),
        "opaque, absolute": ((d(b"/d"), Raw(b"/d/.wh..wh..opq"), f(b"/d/new")),),
        "opaque, dotted": ((d(b"./d/"), Raw(b"./d/.wh..wh..opq"), f(b"./d/new")),),
    }
    for name, layers in stories.items():
        yield Oddity(name, tuple(map(tuple, layers)))
    for near in (
        b".wh..wh..opqx",
        b".wh..wh..OPQ",
        b".wh..wh..op",
        b".wh..wh.opq",
        b".wh..opq",
        b".wh..wh..opq.",
        b".wh.opq",
    ):
        yield Oddity(
            f"nearly opaque: {near.decode()}", ((d(b"d"), Raw(b"d/" + near), f(b"d/new")),)
        )
    for root in (b".wh..wh..opq", b"./.wh..wh..opq", b"/.wh..wh..opq"):
        yield Oddity(f"opaque root: {root.decode()}", ((Raw(root), f(b"new")),), at_root=True)


def _bookkeeping() -> Iterator[Oddity]:
    """Names that begin with `.wh..wh.`, which aufs kept for itself."""
    for name, form in product(
        (b"aufs", b"orph", b"plnk", b"hid"),
        ("an empty file", "a file with data", "a directory", "a symlink"),
    ):
        for place, folder in (("root", b""), ("directory", b"d/")):
            marker = tuple(_marker(folder + b".wh..wh." + name, form))
            yield Oddity(
                f".wh..wh.{name.decode()} in the {place} as {form}", (marker,), at_root=not folder
            )
    for name, (place, folder) in product(
        (b"aufs", b"orph", b"plnk", b"hid"), (("root", b""), ("directory", b"d/"))
    ):
        inside = folder + b".wh..wh." + name
        yield Oddity(
            f"file in {place}/.wh..wh.{name.decode()}",
            ((d(inside), f(inside + b"/evil")),),
            at_root=not folder,
        )
        yield Oddity(
            f"file in {place}/.wh..wh.{name.decode()}, unstated",
            ((f(inside + b"/evil"),),),
            at_root=not folder,
        )
    yield Oddity(
        "hard link to a pseudo link",
        ((d(b".wh..wh.plnk"), f(b".wh..wh.plnk/1.2"), h(b"linked", b".wh..wh.plnk/1.2")),),
        at_root=True,
    )
    yield Oddity(
        "hard link to an unstated pseudo link",
        ((f(b".wh..wh.plnk/1.2"), h(b"linked", b".wh..wh.plnk/1.2")),),
        at_root=True,
    )
    yield Oddity("bookkeeping, dotted", ((f(b"./.wh..wh.plnk/evil"),),), at_root=True)
    yield Oddity("bookkeeping, absolute", ((f(b"/.wh..wh.plnk/evil"),),), at_root=True)
    yield Oddity("bookkeeping by dots", ((f(b"d/../.wh..wh.plnk/evil"),),), at_root=True)
    yield Oddity("bookkeeping of a whiteout below", ((f(b"d/.wh..wh.x/.wh.y"),),))
    yield Oddity(
        "bookkeeping that hides a whiteout", ((f(b"d/.wh.x/evil"),), (Raw(b"d/.wh..wh.x"),))
    )


def _hard_links() -> Iterator[Oddity]:
    stories: dict[str, tuple[Layer, ...]] = {
        "hard link to what stands before": ((f(b"n"), h(b"m", b"n")),),
        "hard link to what comes later": ((h(b"m", b"n"), f(b"n")),),
        "hard link to a lower layer's file": ((h(b"m", b"file"),),),
        "hard link to nothing": ((h(b"m", b"none"),),),
        "hard link to a directory": ((d(b"n"), h(b"m", b"n")),),
        "hard link to a symlink": ((s(b"n", b"file"), h(b"m", b"n")),),
        "hard link to a dangling symlink": ((s(b"n", b"none"), h(b"m", b"n")),),
        "hard link to a symlink out": ((s(b"n", b"/etc/shadow"), h(b"m", b"n")),),
        "hard link to itself": ((f(b"n"), h(b"n", b"n")),),
        "hard link to itself alone": ((h(b"n", b"n"),),),
        "hard link to a whited-out file": ((Raw(b".wh.file"), h(b"m", b"file")),),
        "hard link, then whiteout of its target": ((f(b"n"), h(b"m", b"n")), (Raw(b".wh.n"),)),
        "hard link to what a layer below removed": ((Raw(b".wh.file"),), (h(b"m", b"file"),)),
        "hard link through a symlinked parent": (
            (s(b"p", b"q"), d(b"q"), f(b"q/n"), h(b"m", b"p/n")),
        ),
        "hard link through a lower symlink": ((f(b"d/n"), h(b"m", b"l/n")),),
        "hard link below a symlink": ((f(b"n"), h(b"l/m", b"n")),),
        "hard link, absolute": ((f(b"n"), h(b"m", b"/n")),),
        "hard link, dotted": ((f(b"n"), h(b"m", b"./n")),),
        "hard link by dots": ((d(b"q"), f(b"n"), h(b"m", b"q/../n")),),
        "hard link out of the root": ((h(b"m", b"../../../etc/hostname"),),),
        "hard link to a device": ((dev(b"n", CHAR, 1, 3), h(b"m", b"n")),),
        "hard link to a whiteout device": ((dev(b"n"), h(b"d/a", b"n")),),
        "hard link to a fifo": ((Raw(b"n", FIFO), h(b"m", b"n")),),
        "hard link to a hard link": ((f(b"n"), h(b"m", b"n"), h(b"o", b"m")),),
        "hard link over a file": ((f(b"n"), h(b"file", b"n")),),
        "hard link over a directory": ((f(b"n"), h(b"d", b"n")),),
        "hard link over its own kind": ((f(b"n"), f(b"m", b"other"), h(b"m", b"n")),),
        "hard link's target replaced after it": ((f(b"n"), h(b"m", b"n"), f(b"n", b"second")),),
        "hard link's target removed after it": ((f(b"n"), h(b"m", b"n"), Raw(b".wh.n")),),
        "hard link with a slash behind": ((f(b"n"), h(b"m/", b"n")),),
        "hard link to a name with a slash behind": ((f(b"n"), h(b"m", b"n/")),),
        "hard link to an empty name": ((h(b"m", b""),),),
        "hard link to a whiteout": ((Raw(b"d/.wh.a"), h(b"m", b"d/.wh.a")),),
        "hard link as a whiteout of its target": ((f(b"n"), h(b".wh.n", b"n")),),
    }
    for name, layers in stories.items():
        yield Oddity(name, tuple(map(tuple, layers)))
    yield Oddity(
        "hard link with data", ((f(b"n"), Raw(b"m", LINK, encoded(f(b"hidden"))[:512], b"n")),)
    )
    yield Oddity(
        "hard link that declares data",
        ((f(b"n"), Raw(b"m", LINK, link=b"n", size=512), f(b"after")),),
    )
    yield Oddity(
        "hard link with another mode", ((f(b"n"), Raw(b"m", LINK, link=b"n", mode=0o4755)),)
    )
    yield Oddity(
        "hard link by pax linkpath",
        ((f(b"n"), Raw(b"m", LINK, link=b"none", pax=((b"linkpath", b"n"),))),),
    )


def _parents() -> Iterator[Oddity]:
    stories: dict[str, tuple[Layer, ...]] = {
        "parent is a lower symlink": ((f(b"l/new"),),),
        "parent is an absolute lower symlink": ((f(b"abs/new"),),),
        "parent is a climbing lower symlink": ((f(b"up/new"),),),
        "parent is a dangling lower symlink": ((f(b"dead/new"),),),
        "parent is a loop": ((f(b"loop/new"),),),
        "parent below a lower symlink": ((f(b"l/e/new"),),),
        "new directory below a lower symlink": ((d(b"l/n"), f(b"l/n/x")),),
        "parent is stated over a lower symlink": ((d(b"l"), f(b"l/new")),),
        "parent is stated over a lower symlink in two layers": (
            (d(b"l"), f(b"l/one")),
            (f(b"l/two"),),
        ),
        "parent is a symlink of the same layer": ((s(b"p", b"q"), d(b"q"), f(b"p/new")),),
        "parent is a symlink out of the same layer": ((s(b"p", b"/tmp"), f(b"p/careen-new")),),
        "parent becomes a symlink later in the layer": ((d(b"p"), f(b"p/x"), s(b"p", b"g")),),
        "parent is a lower file": ((f(b"file/new"),),),
        "parent is a file of the same layer": ((f(b"n"), f(b"n/x")),),
        "parent is a device of the same layer": ((dev(b"n", CHAR, 1, 3), f(b"n/x")),),
        "parent comes after the child": ((f(b"n/x"), d(b"n", 0o700)),),
        "parents that nobody states": ((f(b"n/m/o/x"),),),
        "directory over a file": ((d(b"file"), f(b"file/x")),),
        "directory over a symlink": ((d(b"l"),),),
        "directory over a dangling symlink": ((d(b"dead"),),),
        "file over a directory": ((f(b"d"),),),
        "file over a symlink": ((f(b"l"),),),
        "symlink over a directory": ((s(b"d", b"g"),),),
        "symlink over a file": ((s(b"file", b"g"),),),
        "fifo over a directory": ((Raw(b"d", FIFO),),),
        "directory, file, directory": ((f(b"d"),), (d(b"d"), f(b"d/new"))),
        "directory, symlink, directory": ((s(b"d", b"g"),), (d(b"d"), f(b"d/new"))),
        "directory, symlink, file below": ((s(b"d", b"g"),), (f(b"d/new"),)),
        "directory, whiteout, directory": ((Raw(b".wh.d"),), (d(b"d"),)),
        "symlink, directory, symlink": ((d(b"l"), f(b"l/x")), (s(b"l", b"g"),)),
        "directory restated": ((d(b"d", 0o700),),),
        "directory restated with a slash": ((d(b"d/", 0o700),),),
        "case differs": ((f(b"D/A"), f(b"FILE")),),
        "symlink to a child of itself": ((s(b"n", b"n/n"), f(b"n/x")),),
        "chain of lower symlinks": ((s(b"c1", b"l"), s(b"c2", b"c1")), (f(b"c2/new"),)),
        "symlink made a layer before": ((s(b"p", b"g"),), (f(b"p/new"),)),
        "symlink made a layer before, with its target": (
            (s(b"p", b"q"), d(b"q")),
            (d(b"p/n"), f(b"p/n/x")),
        ),
        "symlink over a directory with children of the layer": (
            (d(b"n"), f(b"n/x"), s(b"n", b"g")),
        ),
        "whiteout below a lower symlink, restated": ((d(b"l"), Raw(b"l/.wh.a"), f(b"l/new")),),
        "opaque over a lower symlink": ((d(b"l"), Raw(b"l/.wh..wh..opq"), f(b"l/new")),),
    }
    for name, layers in stories.items():
        yield Oddity(name, tuple(map(tuple, layers)))


def _repeats() -> Iterator[Oddity]:
    kinds: dict[str, tuple[Raw, ...]] = {
        "file": (f(b"n"),),
        "directory": (d(b"n"),),
        "full directory": (d(b"n"), f(b"n/x")),
        "symlink": (s(b"n", b"g"),),
        "dangling symlink": (s(b"n", b"none"),),
        "fifo": (Raw(b"n", FIFO),),
        "device": (dev(b"n", CHAR, 1, 3),),
        "hard link": (f(b"anchor"), h(b"n", b"anchor")),
    }
    for (one, first), (two, second) in product(kinds.items(), kinds.items()):
        yield Oddity(f"{one}, then {two} of the same name", ((*first, *second),))


def _names() -> Iterator[Oddity]:
    spelt = {
        "dotted": b"./n",
        "dotted twice": b"././n",
        "absolute": b"/n",
        "absolute twice": b"//n",
        "doubled slashes": b"d//n",
        "dot inside": b"d/./n",
        "parent inside": b"d/../n",
        "parent inside, twice": b"d/e/../../n",
        "parent of nothing": b"none/../n",
        "parent of a symlink": b"l/../n",
        "file with a slash behind": b"n/",
        "file with a dot behind": b"n/.",
        "two dots as a part of a name": b"d/..n",
        "three dots": b"d/...",
        "blank": b" ",
        "blank behind": b"n ",
        "backslash": b"d\\n",
        "newline": b"n\nm",
        "escape": b"n\x1b[2J",
        "not UTF-8": b"n\xff\xfe",
        "overlong UTF-8": b"n\xc0\xaf",
        "surrogate in UTF-8": b"n\xed\xa0\x80",
        "decomposed": "n\u0065\u0301".encode(),
        "bidirectional": "n\u202emoc".encode(),
        "tilde": b"~",
        "dash": b"-n",
        "colon": b"c:n",
        "star": b"*",
        "255 bytes": b"n" * 255,
        "256 bytes": b"n" * 256,
        "100 bytes, no NUL": b"n" * 100,
        "deep": b"/".join([b"n"] * 300),
    }
    for what, name in spelt.items():
        entry = Raw(name, data=DATA, spelling=Spelling.PAX if len(name) > 100 else Spelling.HEADER)
        yield Oddity(f"name: {what}", ((entry,),), at_root=len(name) == 100)
    yield Oddity("name: climbs out", ((f(b"../../n"),),), at_root=True)
    yield Oddity("name: climbs out behind a directory", ((f(b"d/../../n"),),), at_root=True)
    yield Oddity("name: climbs out, absolute", ((f(b"/../n"),),), at_root=True)
    for form in (FILE, DIRECTORY, SYMLINK):
        for name in (b"", b".", b"/", b"./", b"d/..", b".."):
            yield Oddity(
                f"root named {name.decode()!r} as type {form.decode()}",
                ((Raw(name, form, link=b"d" if form == SYMLINK else b"", mode=0o711),),),
                at_root=True,
            )
    long = b"d/" + b"n" * 120
    for spelling in (Spelling.PAX, Spelling.GNU_LONG, Spelling.BOTH, Spelling.PREFIX):
        name = b"d/" + b"p" * 60 + b"/" + b"n" * 60 if spelling is Spelling.PREFIX else long
        yield Oddity(
            f"long name by {spelling.value}", ((Raw(name, data=DATA, spelling=spelling),),)
        )
        yield Oddity(
            f"whiteout of a long name by {spelling.value}",
            (
                (Raw(name, data=DATA, spelling=Spelling.PAX),),
                (Raw(name.replace(b"/n", b"/.wh.n"), spelling=spelling),),
            ),
        )
    yield Oddity(
        "prefix without ustar",
        ((Raw(b"p/n", data=DATA, magic=V7, spelling=Spelling.PREFIX),),),
        at_root=True,
    )
    yield Oddity(
        "prefix in GNU's format",
        ((Raw(b"p/n", data=DATA, magic=GNU, spelling=Spelling.PREFIX),),),
        at_root=True,
    )
    yield Oddity("long target by pax", ((s(b"n", b"t/" * 80 + b"t"),),))


def _before(name: str, headers: bytes, entry: Raw, *, at_root: bool = True) -> Oddity:
    return Oddity(
        name,
        (
            (
                Raw(
                    entry.name,
                    entry.kind,
                    entry.data,
                    entry.link,
                    entry.mode,
                    before=headers,
                    size=entry.size,
                ),
            ),
        ),
        at_root=at_root,
    )


def _extended() -> Iterator[Oddity]:
    """Extended headers: what wins, what lasts, what is thrown away."""
    path = record(b"path", b"d/pax")
    yield _before("global path", extended(b"g", path), f(b"d/own"))
    yield _before(
        "global path, then a local one",
        extended(b"g", path) + extended(b"x", record(b"path", b"d/local")),
        f(b"d/own"),
    )
    yield _before("global xattr", extended(b"g", record(XATTR + b"user.a", b"1")), f(b"d/own"))
    yield _before(
        "two pax headers",
        extended(b"x", path) + extended(b"x", record(b"path", b"d/second")),
        f(b"d/own"),
    )
    yield _before(
        "two GNU names", extended(b"L", b"d/one\0") + extended(b"L", b"d/two\0"), f(b"d/own")
    )
    yield _before(
        "GNU and pax differ", extended(b"L", b"d/gnu\0") + extended(b"x", path), f(b"d/own")
    )
    yield _before(
        "pax and GNU differ", extended(b"x", path) + extended(b"L", b"d/gnu\0"), f(b"d/own")
    )
    yield _before(
        "path twice in one pax header",
        extended(b"x", path + record(b"path", b"d/second")),
        f(b"d/own"),
    )
    yield _before("empty path in pax", extended(b"x", record(b"path", b"")), f(b"d/own"))
    yield _before(
        "path, then an empty one", extended(b"x", path + record(b"path", b"")), f(b"d/own")
    )
    yield _before(
        "empty linkpath in pax", extended(b"x", record(b"linkpath", b"")), s(b"d/own", b"a")
    )
    yield _before("empty GNU name", extended(b"L", b"\0"), f(b"d/own"))
    yield _before("GNU name without its NUL", extended(b"L", b"d/gnu"), f(b"d/own"))
    yield _before("GNU name with two NULs", extended(b"L", b"d/gnu\0/more\0"), f(b"d/own"))
    yield _before("GNU link for a file", extended(b"K", b"elsewhere\0"), f(b"d/own"))
    yield _before("GNU link for a symlink", extended(b"K", b"a\0"), s(b"d/own", b"b"))
    yield _before(
        "pax path with a NUL", extended(b"x", record(b"path", b"d/pax\0/evil")), f(b"d/own")
    )
    yield _before(
        "pax linkpath with a NUL", extended(b"x", record(b"linkpath", b"a\0b")), s(b"d/own", b"b")
    )
    yield _before("pax size smaller", extended(b"x", record(b"size", b"1")), f(b"d/own", b"12345"))
    yield _before("pax size of a directory", extended(b"x", record(b"size", b"512")), d(b"d/own"))
    yield _before("pax size empty", extended(b"x", record(b"size", b"")), f(b"d/own"))
    yield _before("pax size with a plus", extended(b"x", record(b"size", b"+3")), f(b"d/own"))
    yield _before(
        "pax with an unknown key", extended(b"x", record(b"careen.unknown", b"1")), f(b"d/own")
    )
    yield _before("pax with an empty key", extended(b"x", record(b"", b"1")), f(b"d/own"))
    yield _before("pax comment", extended(b"x", record(b"comment", b"path=d/other")), f(b"d/own"))
    yield _before("pax header of no records", extended(b"x", b""), f(b"d/own"))
    yield _before("pax header with zeros behind", extended(b"x", path + bytes(20)), f(b"d/own"))
    yield _before("pax record cut", extended(b"x", b"30 path=d/cut\n"), f(b"d/own"))
    yield _before(
        "pax record with a zero in front", extended(b"x", b"016 path=d/zero\n"), f(b"d/own")
    )
    yield _before("Sun's extended header", extended(b"X", path), f(b"d/own"))
    yield _before(
        "pax path with a whiteout", extended(b"x", record(b"path", b"d/.wh.a")), f(b"d/own")
    )
    yield _before(
        "pax path in a folder of bookkeeping",
        extended(b"x", record(b"path", b"d/.wh..wh.x/evil")),
        f(b"d/own"),
    )
    yield _before(
        "pax header between GNU name and entry",
        extended(b"L", b"d/gnu\0") + extended(b"x", record(b"mtime", b"1")),
        f(b"d/own"),
    )


def _types() -> Iterator[Oddity]:
    for kind in (
        b"\0",
        b"7",
        b"D",
        b"M",
        b"N",
        b"V",
        b"A",
        b"I",
        b"E",
        b"Z",
        b"8",
        b" ",
        b"s",
        b"-",
        b"\xff",
        b"a",
    ):
        yield Oddity(f"type {kind!r}", ((Raw(b"d/t", kind, DATA), f(b"d/after")),))
        yield Oddity(f"type {kind!r} with a slash behind", ((Raw(b"d/t/", kind), f(b"d/after")),))
    for magic, word in ((V7, "v7"), (GNU, "GNU")):
        for kind in (b"0", b"\0", b"5", b"2"):
            entry = Raw(
                b"d/t",
                kind,
                DATA if kind in b"0\0" else b"",
                b"a" if kind == b"2" else b"",
                magic=magic,
            )
            yield Oddity(f"type {kind!r} in {word} format", ((entry,),))
    inner = encoded(f(b"d/inner"))[:512]
    for kind, word in (
        (DIRECTORY, "directory"),
        (SYMLINK, "symlink"),
        (CHAR, "device"),
        (FIFO, "fifo"),
    ):
        link = b"a" if kind == SYMLINK else b""
        yield Oddity(
            f"{word} with data", ((Raw(b"d/t", kind, inner, link), f(b"d/after")),), at_root=True
        )
    yield Oddity("symlink to nothing", ((s(b"d/t", b""),),))
    yield Oddity("symlink to a long target", ((s(b"d/t", b"t" * 4095),),))
    yield Oddity("symlink to a target that is too long", ((s(b"d/t", b"t" * 4096),),))


def _devices() -> Iterator[Oddity]:
    for what, name in {
        "a file": b"d/a",
        "a tree": b"d",
        "a symlink": b"l",
        "nothing": b"d/none",
        "nothing in nothing": b"n/none",
    }.items():
        yield Oddity(f"overlay's own whiteout of {what}", ((dev(name),),))
        yield Oddity(f"block device 0/0 over {what}", ((dev(name, BLOCK_DEVICE),),))
    yield Oddity("overlay's own whiteout, then the file", ((dev(b"d/a"), f(b"d/a")),))
    yield Oddity("overlay's own whiteout, then the directory", ((dev(b"d"), d(b"d"), f(b"d/new")),))
    yield Oddity("overlay's own whiteout of what the layer made", ((f(b"d/new"), dev(b"d/new")),))
    yield Oddity("overlay's own whiteout in the first layer", ((f(b"n"),), (dev(b"n"),)))
    for kind, major, minor in (
        (CHAR, 1, 3),
        (CHAR, 0, 1),
        (CHAR, 4095, 1048575),
        (BLOCK_DEVICE, 8, 0),
    ):
        yield Oddity(
            f"device {kind.decode()} {major}/{minor}", ((dev(b"d/t", kind, major, minor),),)
        )
    yield Oddity("fifo", ((Raw(b"d/t", FIFO),),))


def _attributes() -> Iterator[Oddity]:
    overlay = {
        "opaque=y": (b"opaque", b"y"),
        "opaque=x": (b"opaque", b"x"),
        "redirect": (b"redirect", b"/g"),
        "relative redirect": (b"redirect", b"g"),
        "whiteout": (b"whiteout", b""),
        "whiteout=y": (b"whiteout", b"y"),
        "metacopy": (b"metacopy", b""),
        "origin": (b"origin", b"\0"),
        "impure": (b"impure", b"y"),
        "escaped opaque": (b"overlay.opaque", b"y"),
    }
    for space, (what, (key, value)) in product((b"trusted", b"user"), overlay.items()):
        pax = ((XATTR + space + b".overlay." + key, value),)
        where = space.decode()
        yield Oddity(f"{where}.overlay.{what} on a directory", ((d(b"d", pax=pax), f(b"d/new")),))
        yield Oddity(
            f"{where}.overlay.{what} on a new directory", ((d(b"n", pax=pax), f(b"n/new")),)
        )
        yield Oddity(f"{where}.overlay.{what} on a file", ((Raw(b"d/a", FILE, pax=pax),),))
    yield Oddity(
        "xattr whiteout in its directory",
        (
            (
                d(b"d", pax=((XATTR + b"trusted.overlay.opaque", b"x"),)),
                Raw(b"d/a", pax=((XATTR + b"trusted.overlay.whiteout", b"y"),)),
            ),
        ),
    )
    for name in (
        b"user.a",
        b"trusted.a",
        b"security.capability",
        b"security.selinux",
        b"system.posix_acl_access",
        b"nonsense",
        b"user.",
        b"user.\xff",
    ):
        yield Oddity(f"xattr {name!r}", ((Raw(b"d/t", data=DATA, pax=((XATTR + name, b"1"),)),),))
    yield Oddity(
        "xattr of libarchive",
        ((Raw(b"d/t", data=DATA, pax=((b"LIBARCHIVE.xattr.user.a", b"MQ"),)),),),
    )


def _sparse() -> Iterator[Oddity]:
    one = (
        (b"GNU.sparse.major", b"1"),
        (b"GNU.sparse.minor", b"0"),
        (b"GNU.sparse.name", b"d/sparse"),
        (b"GNU.sparse.realsize", b"8"),
    )
    stored = b"1\n2\n3\n".ljust(512, b"\0") + DATA
    yield Oddity(
        "sparse 1.0", ((Raw(b"d/GNUSparseFile.0/sparse", data=stored, pax=one),),), at_root=True
    )
    yield Oddity(
        "sparse 1.0 with a path of its own",
        ((Raw(b"d/other", data=stored, pax=(*one, (b"path", b"d/pax"))),),),
        at_root=True,
    )
    yield Oddity(
        "sparse 1.0 that names a whiteout",
        (
            (
                Raw(
                    b"d/other",
                    data=stored,
                    pax=(one[0], one[1], (b"GNU.sparse.name", b"d/.wh.a"), one[3]),
                ),
            ),
        ),
        at_root=True,
    )
    zero = (
        (b"GNU.sparse.map", b"2,3"),
        (b"GNU.sparse.size", b"8"),
        (b"GNU.sparse.numblocks", b"1"),
    )
    yield Oddity("sparse 0.1", ((Raw(b"d/sparse", data=DATA, pax=zero),),))
    yield Oddity(
        "sparse 0.1 with a name",
        ((Raw(b"d/own", data=DATA, pax=(*zero, (b"GNU.sparse.name", b"d/sparse"))),),),
        at_root=True,
    )
    offsets = (
        (b"GNU.sparse.size", b"8"),
        (b"GNU.sparse.numblocks", b"1"),
        (b"GNU.sparse.offset", b"2"),
        (b"GNU.sparse.numbytes", b"3"),
    )
    yield Oddity("sparse 0.0", ((Raw(b"d/sparse", data=DATA, pax=offsets),),))
    old = b"%011o\0%011o\0" % (2, 3) + bytes(72) + b"\0" + b"%011o\0" % 8
    yield Oddity("sparse, GNU's old", ((Raw(b"d/sparse", b"S", DATA, magic=GNU, sparse=old),),))
    yield Oddity(
        "sparse, GNU's old, in ustar format", ((Raw(b"d/sparse", b"S", DATA, sparse=old),),)
    )
    yield Oddity(
        "sparse name alone",
        ((Raw(b"d/own", data=DATA, pax=((b"GNU.sparse.name", b"d/sparse"),)),),),
        at_root=True,
    )
    yield Oddity(
        "sparse 2.0",
        (
            (
                Raw(
                    b"d/own",
                    data=DATA,
                    pax=((b"GNU.sparse.major", b"2"), (b"GNU.sparse.minor", b"0"), *one[2:]),
                ),
            ),
        ),
        at_root=True,
    )


def _modes() -> Iterator[Oddity]:
    for mode in (0, 0o4755, 0o2755, 0o1777, 0o7777, 0o100644, 0o40755, 0o120777, 0o7777777):
        yield Oddity(f"mode {mode:o}", ((Raw(b"d/t", data=DATA, mode=mode), d(b"d/u", mode=mode)),))
    for owner in (1000, 0o1777777, 65534):
        yield Oddity(f"owner {owner}", ((Raw(b"d/t", data=DATA, owner=owner),),))


def _ends() -> Iterator[Oddity]:
    more = encoded(f(b"d/more"))
    tails = {
        "no end marker": b"",
        "half an end marker": bytes(512),
        "half an end marker, then an entry": bytes(512) + more + END,
        "an entry after the end": END + more + END,
        "a long end": bytes(10240),
        "garbage after the end": END + b"x" * 512,
        "a header cut": more[:300],
        "data cut": more[:600],
        "a pax header and no entry": extended(b"x", record(b"path", b"d/pax")) + END,
        "a wrong checksum": more[:148] + b"0000000\0" + more[156:] + END,
    }
    for what, tail in tails.items():
        yield Oddity(f"tar with {what}", ((Raw(b"d/own", data=DATA),),), at_root=True, tail=tail)
    yield Oddity("tar of nothing", ((),), at_root=True)
    yield Oddity("tar of no bytes", ((),), at_root=True, tail=b"")


ODDITIES: dict[str, Oddity] = {
    oddity.name: oddity
    for family in (
        _whiteouts,
        _order,
        _opaque,
        _bookkeeping,
        _hard_links,
        _parents,
        _repeats,
        _names,
        _extended,
        _types,
        _devices,
        _attributes,
        _sparse,
        _modes,
        _ends,
    )
    for oddity in family()
}
