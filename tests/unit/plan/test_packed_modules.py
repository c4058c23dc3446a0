"""What pickles, byte code and archives name, and plugins that are found by the beginning of their
names.
"""

import bz2
import collections
import gzip
import io
import lzma
import marshal
import pickle
import zipfile
import zlib
from collections.abc import Callable
from xml.dom import minidom

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.mechanisms.application.packed_texts import byte_code_texts
from careen.plan.mechanisms.python.packed_modules import pickled
from careen.plan.scanners.imports import beginnings
from tests.support.plans import Case, package, plan_for
from tests.support.trees import Exec

SITE = "/usr/lib/python3/dist-packages"
SOURCE = (
    "def f():\n import boosted.trees, yy as z\n from deep.er import e\n load('lazy.module')\n kind"
    " = 'one_word'\n"
)


@pytest.mark.parametrize("protocol", range(6))
def test_classes_of_a_pickle(protocol: int) -> None:
    data = pickle.dumps(
        [collections.OrderedDict(a=1), minidom.Document, "numpy", {"sklearn": bytes(999)}], protocol
    )
    found = pickled(data)
    assert {"collections", "xml"} <= found
    assert not {"numpy", "sklearn"} & found


def test_a_class_whose_name_follows_a_text_that_looks_like_one() -> None:
    assert "numpy" in pickled(b"X\x07\0\0\0classesql" + b"cnumpy.core\narray\n")


def test_texts_of_byte_code() -> None:
    found = set(byte_code_texts(marshal.dumps(compile(SOURCE, "a.py", "exec"))).split(b"\n"))
    assert {b'"boosted.trees"', b'"yy"', b'"deep.er"', b'"lazy.module"', b'"one_word"'} <= found


def _archive(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("other.bin", bytes(9))
        archive.writestr(name, data)
    return stream.getvalue()


def _pickle(module: str) -> bytes:
    """A class of a module, between what a large array leaves."""
    name = f"{module}.trees".encode()
    return (
        b"\x80\x04\x95"
        + bytes(100_000)
        + b"\x8c"
        + bytes([len(name)])
        + name
        + b"\x94\x8c\x04Tree\x94\x93."
    )


CODE = bytes(16) + marshal.dumps(compile(SOURCE, "a.py", "exec"))
PLAIN: Callable[[bytes], bytes] = bytes


@pytest.mark.parametrize(
    "pack",
    [
        PLAIN,
        zlib.compress,
        gzip.compress,
        bz2.compress,
        lzma.compress,
        lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    ],
)
def test_a_model_keeps_the_distributions_of_its_classes(pack: Callable[[bytes], bytes]) -> None:
    _kept("/srv/app/models/other.model", pack(_pickle("boosted")))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (
            "lz4.joblib",
            b"\x04\x22\x4d\x18\x64\x40" + _pickle("boosted")[:10] + b"\x8c\x20boosted.tr\x12\x03",
        ),
        ("old.pkl", b"(dp0\nVx\np1\ncboosted.trees\nTree\np2\ns."),
        ("weights.pt", _archive("weights/data.pkl", _pickle("boosted"))),
        ("bundle.zip", _archive("a/b.py", SOURCE.encode())),
        ("bundle.egg", _archive("a/b.pyc", CODE)),
        ("tool.pyz", b"#!/usr/bin/env python3\n" + _archive("__main__.py", SOURCE.encode())),
        ("closed.pyc", CODE),
    ],
)
def test_other_packed_files_keep_what_they_name(name: str, data: bytes) -> None:
    _kept(f"/srv/app/{name}", data)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("broken.joblib", b"\x1f\x8bbroken"),
        ("text.gz", gzip.compress(b"cboosted.trees\nTree\n" * 99, mtime=0)),
        ("cut.joblib", zlib.compress(b"\x80\x04." + bytes(99))[:-9]),
        ("broken.zip", b"PK\x03\x04boosted"),
        ("__pycache__/a.cpython-313.pyc", CODE),
        ("numbers.joblib", b"\x80\x04\x8c\x07boosted\x94\x8c\x05thing\x94."),
    ],
)
def test_what_is_broken_or_names_nothing_keeps_nothing(name: str, data: bytes) -> None:
    assert not _keeps(f"/srv/app/{name}", data)


def test_byte_code_of_a_distribution_without_sources() -> None:
    case = _case(f"{SITE}/closed/core.pyc", CODE)
    closed = package(Ecosystem.PYPI, "closed", (f"{SITE}/closed/core.pyc",), modules=("closed",))
    case = Case(
        case.files,
        {f"{SITE}/closed/core.pyc": Use.OPENED},
        (),
        packages=(*case.packages, closed),
        run=case.run,
    )
    assert ImagePath(f"{SITE}/boosted/__init__.py") in plan_for(case).keep


def test_beginnings_of_names() -> None:
    listing = (
        b"for item in pkgutil.iter_modules():\n    if item.name.startswith('shop_'):"
        b" import_module(item.name)\n"
    )
    assert beginnings(listing) == {"shop_"}
    assert beginnings(
        b"[d for d in metadata.distributions() if d.name.startswith('shop-plug-')]"
    ) == {"shop_plug_"}
    assert beginnings(b"name.startswith('shop_')") == frozenset()
    composed = (
        b"import_module(f'shop_{name}'); __import__(\"till_\" + name); import_module('cash%s' % x);"
        b" import_module('book_{}'.format(x)); import_module(name)"
    )
    assert beginnings(composed) == {"shop_", "till_", "cash", "book_"}
    wrapped = b"from importlib.util import find_spec\nfound = _find_spec(\n    f'words_{kind}'\n)\n"
    assert beginnings(wrapped) == {"words_"}
    assert beginnings(b"import x\nraise Error(\n    f'words_{kind}')\n") == frozenset()


def test_plugins_by_the_beginning_of_their_names_are_kept() -> None:
    source = (
        b"import pkgutil\nfound = [m for m in pkgutil.iter_modules() if"
        b" m.name.startswith('boost')]\nnames = [x for x in found if x.startswith('boosted_')]\n"
    )
    case = _case("/srv/app/plugins.py", source, module="boosted_extra")
    assert ImagePath(f"{SITE}/boosted_extra/__init__.py") in plan_for(case).keep


def _case(path: str, data: bytes, module: str = "boosted") -> Case:
    files = {
        "/srv/app/main.py": b"",
        path: data,
        f"{SITE}/{module}/__init__.py": b"",
        f"{SITE}/other/__init__.py": b"",
        "/usr/bin/python3": Exec(b""),
    }
    packages = tuple(
        package(Ecosystem.PYPI, name, (f"{SITE}/{name}/__init__.py",), modules=(name,))
        for name in (module, "other")
    )
    return Case(
        files,
        {"/srv/app/main.py": Use.OPENED},
        (),
        packages=packages,
        run={"WorkingDir": "/srv/app", "Entrypoint": ["python3", "/srv/app/main.py"]},
    )


def _keeps(path: str, data: bytes) -> bool:
    keep = plan_for(_case(path, data)).keep
    assert ImagePath(f"{SITE}/other/__init__.py") not in keep
    return ImagePath(f"{SITE}/boosted/__init__.py") in keep


def _kept(path: str, data: bytes) -> None:
    assert _keeps(path, data)
