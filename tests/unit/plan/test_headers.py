"""A header is found where the kernel would find it, however the links lead."""

import itertools
from types import SimpleNamespace
from typing import Any, cast

import pytest

from careen.model.paths import ImagePath
from careen.plan.mechanisms.by_rule.headers import Headers
from tests.support.trees import Link, tree

ROOTFS = tree(
    {
        "/usr/include/a.h": "",
        "/usr/include/sys/b.h": "",
        "/usr/include/link.h": Link("sys/b.h"),
        "/usr/include/gone.h": Link("nothing.h"),
        "/usr/include/real": Link("sys"),
        "/usr/include/loop": Link("loop"),
        "/include": Link("usr/include"),
        "/opt/include/file": "",
        "/up": Link(".."),
    }
)
DIRECTORIES = ("/usr/include", "/include", "/opt/include", "/gone", "/up/usr/include", "", "/")
NAMES = (
    "a.h",
    "sys/b.h",
    "real/b.h",
    "link.h",
    "gone.h",
    "loop/a.h",
    "sys/../a.h",
    "real/../a.h",
    "sys/..",
    "..",
    ".",
    "sys/",
    "file",
    "file/a.h",
    "sys",
    "real",
    "./a.h",
    "sys//b.h",
    "none.h",
)


@pytest.mark.parametrize(("directory", "text"), list(itertools.product(DIRECTORIES, NAMES)))
def test_it_is_where_a_walk_leads(directory: str, text: str) -> None:
    work = cast("Any", SimpleNamespace(scene=SimpleNamespace(rootfs=ROOTFS)))
    path = f"{directory}/{text}"
    final = ROOTFS.walk(path).final
    wanted = final if final is not None and final.is_file else None
    exact = ROOTFS.get(ImagePath(path))
    if exact is not None and not exact.is_symlink and not exact.is_file:
        wanted = None
    headers = Headers(work)
    for _ in range(2):
        assert headers._file(path) == wanted
