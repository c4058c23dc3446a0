"""What an application says without a source: archives, byte code, frozen and compiled programs, and
how much of it is read.
"""

import io
import json
import marshal
import struct
import zipfile
import zlib
from collections.abc import Mapping
from functools import partial

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.run_budget import RunBudget
from careen.model.runs.trace import Use
from careen.plan.mechanisms.application.packed_texts import Allowance, PackedTexts
from careen.plan.scanners.compiled import texts as compiled_texts
from careen.plan.scanners.compiled.imports import compiled_names, loose_names
from careen.plan.scanners.compiled.texts import constants, cython_texts, unpacked
from careen.plan.scanners.frozen_programs import frozen_code
from careen.plan.scanners.java import paths_of
from careen.plan.scanners.packed_text import Kind
from tests.support.plans import Case, Files, elf, package, plan_for
from tests.support.trees import Exec

pytestmark = pytest.mark.slow

WORK = """
import ctypes, subprocess
from ctypes.util import find_library

def work(page):
    kind = ctypes.CDLL(find_library("kind"))
    subprocess.run(["convert", "-v"])
    return open("/srv/late/x.txt").read() + page
"""
AROUND: Files = {
    "/usr/bin/python3": elf(),
    "/usr/bin/convert": elf(),
    "/usr/bin/other": elf(),
    "/usr/lib/libkind.so.1": elf(),
    "/srv/late/x.txt": "",
    "/srv/other/x.txt": "",
}
NEEDED = {"/usr/bin/convert", "/usr/lib/libkind.so.1", "/srv/late/x.txt"}


def archive(members: Mapping[str, bytes | str], before: bytes = b"") -> bytes:
    out = io.BytesIO()
    out.write(before)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as opened:
        for name, data in members.items():
            opened.writestr(name, data)
    return out.getvalue()


def code(source: str = WORK) -> bytes:
    return marshal.dumps(compile(source, "work.py", "exec"))


def frozen(modules: tuple[bytes, ...], script: bytes = b"") -> bytes:
    """A program as PyInstaller makes it: an archive behind an ELF file, in it a script and an
    archive of modules, each packed by itself.
    """
    packed = b"".join(zlib.compress(module) for module in modules)
    pyz = b"PYZ\0" + bytes(4) + struct.pack("!I", 17 + len(packed)) + bytes(5) + packed + b"table"
    parts = [(b"s", zlib.compress(script), 1), (b"b", b"\x7fELF" + bytes(99), 0), (b"z", pyz, 0)]
    body, table = b"", b""
    for kind, data, flag in parts:
        table += (
            struct.pack("!IIIIBc", 18 + 8, len(body), len(data), len(data), flag, kind)
            + b"name\0\0\0\0"
        )
        body += data
    length = len(body) + len(table) + 88
    return (
        elf(text=b"start")
        + body
        + table
        + struct.pack(
            "!8sIIII64s",
            b"MEI\014\013\012\013\016",
            length,
            len(body),
            len(table),
            313,
            b"libpython",
        )
    )


def table_of(*texts: str) -> tuple[bytes, bytes]:
    """The texts in one piece, as Cython 3.2 and later lay them, and their lengths."""
    encoded = [text.encode() for text in texts]
    return b"".join(encoded), b"".join(struct.pack("<I", len(text)) for text in encoded)


TEXTS = (
    "",
    "/srv/late/",
    "__main__",
    "__module__",
    "__name__",
    "__qualname__",
    "boosted.trees",
    "cline_in_traceback",
    "convert",
    "libkind.so.1",
    "subprocess",
    "wide",
)


def packed_table(data: bytes) -> bytes:
    """LZSS as Cython unpacks it: each byte as it is, and a text that comes again by its place, in
    each of the three forms.
    """
    out = bytearray()
    for at in range(0, len(data), 8):
        out += bytes([0xFF]) + data[at : at + 8].ljust(8)
    return bytes(out)


def kept(files: Files, used: Mapping[str, Use] | None = None) -> set[str]:
    case = Case(
        {**AROUND, "/app/main.py": "", **files},
        dict(used or {"/app/main.py": Use.OPENED}),
        (),
        run={"WorkingDir": "/app", "Entrypoint": ["python3", "/app/main.py"]},
    )
    return {str(path) for path in plan_for(case).keep}


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/app/work.pyz", archive({"work.py": WORK})),
        ("/app/bin/work", Exec(archive({"work.py": WORK}, b"#!/usr/bin/python3\n"))),
        (
            "/app/bin/work",
            Exec(
                archive(
                    {
                        "site-packages/job/a.py": WORK,
                        "environment.json": '{"entry_point": "job.a:main"}',
                    },
                    b"#!/usr/bin/python3\n",
                )
            ),
        ),
        (
            "/app/work.pex",
            archive(
                {
                    ".deps/w-1.whl/work.py": WORK,
                    ".deps/w-1.whl/w-1.dist-info/RECORD": "work.py,,\n",
                    ".deps/w-1.whl/w-1.dist-info/direct_url.json": (
                        '{"url": "file:///src", "dir_info": {}}'
                    ),
                }
            ),
        ),
        ("/app/work.pyc", bytes(16) + code()),
        ("/app/lib.zip", archive({"work.pyc": bytes(16) + code()})),
    ],
)
def test_what_packed_sources_name_stays(path: str, data: bytes | Exec) -> None:
    found = kept({path: data})
    assert found >= NEEDED
    assert not {"/usr/bin/other", "/srv/other/x.txt"} & found


def test_a_library_in_an_archive_is_read_as_one() -> None:
    """What it starts stays; its paths are no places of the application's, and one word alone is no
    command.
    """
    source = WORK.replace('"/srv', '"other", "/srv')
    for files in (
        {"/app/work.pex": archive({".deps/w-1.whl/work.py": source})},
        {"/app/wheels/w-1.whl": archive({"work.py": source})},
    ):
        found = kept(dict(files))
        assert {"/usr/bin/convert", "/usr/lib/libkind.so.1"} <= found
        assert not {"/usr/bin/other", "/srv/late/x.txt"} & found


@pytest.mark.parametrize("data", [frozen((code("x = 1"), code())), frozen((), code())])
def test_what_a_frozen_program_names_stays(data: bytes) -> None:
    found = kept({"/app/bin/work": Exec(data)})
    assert found >= NEEDED
    assert "/usr/bin/other" not in found


def test_a_frozen_program_that_is_broken_says_less_and_never_fails() -> None:
    whole = frozen((code("a = 'first'"), code()))
    assert len(list(frozen_code(io.BytesIO(whole), 1 << 20))) == 3
    assert list(frozen_code(io.BytesIO(whole), 1)) == []
    for end in range(0, len(whole), 7):
        list(frozen_code(io.BytesIO(whole[:end]), 1 << 20))
        list(frozen_code(io.BytesIO(whole[:end] + b"\xff" + whole[end + 1 :]), 1 << 20))


def test_modules_of_a_frozen_program_that_would_fill_the_memory_are_cut() -> None:
    whole = frozen((bytes(64 << 20), code()))
    assert [len(part) for part in frozen_code(io.BytesIO(whole), 1 << 20)] == [
        0,
        4 << 20,
        len(code()),
    ]


def test_constants_of_what_nuitka_made() -> None:
    data = b"__nuitka\0\x04aconvert\0u--version\0\0\x01u/srv/late/\0T\x02asubprocess\0"
    assert {b"convert", b"--version", b"/srv/late/", b"subprocess"} <= set(constants(data))
    assert list(constants(data[8:])) == []
    assert {"/usr/bin/convert", "/srv/late/x.txt"} <= kept({"/app/bin/work": Exec(elf() + data)})


CYTHON = b"\0PyImport_Import\0cython_runtime\0"


def test_texts_of_cython_are_cut_by_the_list_of_their_lengths() -> None:
    table, lengths = table_of(*TEXTS)
    for laid in (table, packed_table(table), zlib.compress(table)):
        found = cython_texts(
            CYTHON + bytes(9) + laid + b"\x80\x81" + bytes(99) + lengths + bytes(4)
        )
        assert set(TEXTS) - {""} <= {text.decode() for text in found.texts}
        assert found.names(b"convert")
        assert not found.names(b"vert")
    assert not cython_texts(table + lengths).texts
    assert not cython_texts(CYTHON + table.replace(b"_traceback", b"_traceback\0") + lengths).texts


def test_where_no_list_of_lengths_is_found_longer_words_count_as_parts() -> None:
    table, _ = table_of(*TEXTS)
    found = cython_texts(CYTHON + table + b"\0")
    assert found.texts == frozenset()
    assert [found.names(word) for word in (b"convert", b"boosted", b"conv", b"other")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("laid", [lambda table: table, packed_table])
@pytest.mark.parametrize("with_lengths", [True, False])
def test_what_a_module_of_cython_names_stays(laid: type[bytes], with_lengths: bool) -> None:
    table, lengths = table_of(*TEXTS)
    data = elf(text=CYTHON + laid(table) + b"\0\0" + (lengths if with_lengths else b""))
    assert kept({"/app/work.cpython-313-x86_64-linux-gnu.so": data}) >= NEEDED
    assert compiled_names(data).imported(
        ("boosted", "trees", "other"), partial(loose_names, data=data)
    ) == ({"boosted"} if with_lengths else {"boosted", "trees"})


def test_lzss_in_each_of_its_forms() -> None:
    """A repeat near by, one in two bytes, one in three: the text comes again after 3, after 130 and
    after 3,000 bytes.
    """
    near = b"\x07abc" + bytes([0, 0])
    assert unpacked(near + bytes(3), 0)[:6] == b"abcabc"
    filler = b"".join(b"\xff" + b"%08d" % number for number in range(400))
    far = 3000 - 128 - 4
    data = (
        b"\xffabcdefgh" + filler + bytes([0]) + bytes([0x80 | (far & 0x7F), 0x80 | (far >> 7), 1])
    )
    text = b"abcdefgh" + b"".join(b"%08d" % number for number in range(400))
    assert (
        unpacked(data + bytes(3), 0)[len(text) : len(text) + 4]
        == text[len(text) - 3000 : len(text) - 2996]
    )
    middle = 100
    data = b"\xffabcdefgh" + filler + bytes([0]) + bytes([0x80 | middle, 2])
    assert (
        unpacked(data + bytes(3), 0)[len(text) : len(text) + 5]
        == text[len(text) - 233 : len(text) - 228]
    )


@pytest.mark.timeout(60)
def test_what_looks_like_packed_texts_everywhere_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each place is a beginning of texts that never become a table."""
    monkeypatch.setattr(compiled_texts, "_MAX_TRIED", 200)
    assert cython_texts(CYTHON + (b"\xff" + b"abcdefgh") * 20_000) == compiled_texts.CythonTexts()
    assert cython_texts(CYTHON + b"\x78\x9c" * 200_000) == compiled_texts.CythonTexts()


def test_a_tree_that_a_compiled_program_names_stays() -> None:
    program = Exec(elf(text=b"nothing/srv/latelog"))
    assert "/srv/late/x.txt" in kept(
        {"/usr/local/bin/scale": program}, {"/usr/local/bin/scale": Use.EXECUTED}
    )
    assert "/srv/other/x.txt" not in kept(
        {"/usr/local/bin/scale": program}, {"/usr/local/bin/scale": Use.EXECUTED}
    )


def test_a_tree_that_a_compiled_program_finds_from_where_it_lies_stays() -> None:
    files: Files = {
        "/usr/local/bin/scale": Exec(elf(text=b"%s/../share/scale/%s")),
        "/usr/local/share/scale/units.txt": "",
        "/usr/local/share/other/x.txt": "",
    }
    found = kept(files, {"/usr/local/bin/scale": Use.EXECUTED})
    assert "/usr/local/share/scale/units.txt" in found
    assert "/usr/local/share/other/x.txt" not in found


def test_configuration_that_no_package_brought_stays() -> None:
    assert "/usr/local/etc/scale/scale.conf" in kept({"/usr/local/etc/scale/scale.conf": ""})


def test_paths_in_classes() -> None:
    texts = [b"/srv/late/x.txt", b"/not a path", b"(I)V", b"java/lang/Object"]
    data = b"\xca\xfe\xba\xbe\0\0\0\x37\0\x05" + b"".join(
        b"\1" + struct.pack(">H", len(text)) + text for text in texts
    )
    assert paths_of(data) == [b"/srv/late/x.txt"]
    assert "/srv/late/x.txt" in kept({"/app/a.jar": archive({"x/A.class": data})})


@pytest.mark.parametrize(
    "source",
    [
        "!convert -v in.png",
        "%%bash\nset -e\nconvert -v in.png",
        "out = !convert -v",
        "subprocess.run(['convert'])",
        "%sx convert -v",
    ],
)
def test_cells_of_a_notebook(source: str) -> None:
    cells = [
        {"cell_type": "markdown", "source": "other"},
        {"cell_type": "code", "source": source.splitlines(keepends=True)},
        {"cell_type": "code"},
        7,
    ]
    found = kept({"/app/work.ipynb": json.dumps({"cells": cells})})
    assert "/usr/bin/convert" in found
    assert "/usr/bin/other" not in found
    assert "/usr/bin/convert" in kept(
        {
            "/app/work.ipynb": json.dumps(
                {"cells": [cells[0], {"cell_type": "code", "source": source}]}
            )
        }
    )
    assert "/usr/bin/convert" not in kept({"/app/work.ipynb": json.dumps({"cells": cells})[:-1]})


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("/app/report.R", 'system2("convert", c("-v"))'),
        ("/app/report.Rmd", '```{r}\nsystem("convert -v")\n```'),
        ("/app/lib/Work.pm", "my $v = `convert -v`;"),
        ("/app/work.jl", "run(`convert -v`)"),
        ("/app/Work.tcl", 'exec "convert" -v'),
    ],
)
def test_sources_of_other_languages(path: str, source: str) -> None:
    found = kept({path: source})
    assert "/usr/bin/convert" in found
    assert "/usr/bin/other" not in found


def test_the_end_of_a_large_bundle_is_read() -> None:
    found = kept(
        {"/app/server.js": "x;\n" * (4 << 20) + 'child_process.execFile("convert", ["-v"])'}
    )
    assert "/usr/bin/convert" in found


@pytest.mark.timeout(60)
def test_hostile_texts_end_and_stop_no_plan() -> None:
    constants = b"\x01\xff\xff" + b"a" * 65_535 + b"\x08\0\1" * 60_000
    many = (
        b"\xca\xfe\xba\xbe\0\0\0\x37" + struct.pack(">H", 60_002) + constants + b"java/lang/Runtime"
    )
    table = b"PyImport_\0--quiet_is_coroutineasynciosubprocess Popen(" + b"x" * 50 + b"\0"
    files: Files = {
        "/app/a.ipynb": '{"cells": 5}',
        "/app/b.ipynb": '{"cells": [7, null]}',
        "/app/c.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": "\n" * 100_000}]}),
        "/app/a.class": many,
        "/app/b.pyc": bytes(16) + code("import gi.repository\nload('gi.repository')"),
        "/usr/lib/girepository-1.0/\udcff-1.0.typelib": b"",
        "/usr/bin/\udcff": elf(),
        "/app/work.cpython-313-x86_64-linux-gnu.so": elf(text=table),
        "/app/same": Exec(frozen(tuple(zlib.compress(b"") for _ in range(9)))),
    }
    assert "/app/a.ipynb" in kept(files)


def test_libraries_that_classes_load() -> None:
    texts = [b"com/sun/jna/Native", b"kind", b"other"]
    data = (
        b"\xca\xfe\xba\xbe\0\0\0\x37\0\x05"
        + b"".join(b"\1" + struct.pack(">H", len(text)) + text for text in texts)
        + b"\x08\0\2"
    )
    assert "/usr/lib/libkind.so.1" in kept({"/app/a.jar": archive({"x/A.class": data})})
    assert "/usr/lib/libkind.so.1" not in kept(
        {"/app/a.jar": archive({"x/A.class": data.replace(b"jna/Native", b"xna/Native")})}
    )


@pytest.mark.parametrize(
    "name",
    [
        b"libkind.so.1",
        b"xliblibkind.so.1",
        b"libkind.so.12",
        b"libkind.so.1.2",
        b"libkind.so.1libother.so",
    ],
)
def test_libraries_in_a_program_whose_texts_have_no_end(name: bytes) -> None:
    program = Exec(elf(text=b"nothing" + name + b"%s"))
    assert "/usr/lib/libkind.so.1" in kept(
        {"/usr/local/bin/scale": program}, {"/usr/local/bin/scale": Use.EXECUTED}
    )


def test_archives_are_read_while_the_allowance_lasts() -> None:
    members = {f"m{number}.py": "x = 1\n" * 1000 for number in range(9)}
    texts = PackedTexts(Allowance(), RunBudget(), 20_000)
    found = list(texts.of("/app/a.zip", io.BytesIO(archive(members))))
    assert 0 < len(found) < 9
    assert {text.kind for text in found} == {Kind.SOURCE}


def test_modules_of_other_peoples_byte_code_are_no_commands_unless_it_starts_programs() -> None:
    plain = code("WORD = 'convert'\n")
    starting = code("import subprocess\nWORD = 'convert'\n")
    site = {"site-packages/w/__init__.pyc": bytes(16) + plain}
    assert "/usr/bin/convert" not in kept({"/app/a.zip": archive(site)})
    assert "/usr/bin/convert" in kept(
        {"/app/a.zip": archive({"site-packages/w/__init__.pyc": bytes(16) + starting})}
    )
    assert "/usr/bin/convert" in kept({"/app/a.zip": archive({"w.pyc": bytes(16) + plain})})


def test_a_compiled_module_of_a_library_keeps_what_it_imports() -> None:
    site = "/usr/lib/python3/dist-packages"
    table, lengths = table_of(*TEXTS)
    fast = f"{site}/fast/core.cpython-313-x86_64-linux-gnu.so"
    packages = (
        package(Ecosystem.PYPI, "fast", (fast,), modules=("fast",)),
        package(Ecosystem.PYPI, "boosted", (f"{site}/boosted/__init__.py",), modules=("boosted",)),
    )
    files: Files = {
        "/usr/bin/python3": Exec(b""),
        fast: elf(text=CYTHON + packed_table(table) + b"\0\0" + lengths),
        f"{site}/boosted/__init__.py": "",
    }
    plan = plan_for(
        Case(files, {fast: Use.MAPPED}, (), packages=packages, run={"Entrypoint": ["python3"]})
    )
    assert ImagePath(f"{site}/boosted/__init__.py") in plan.keep
