"""Names that a source puts together or finds at run time: commands, modules, groups, libraries."""

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.scanners.commands.composed import composed_commands
from careen.plan.scanners.searched_libraries import searched_libraries
from tests.support.plans import Case, Files, elf, package, plan_for
from tests.support.trees import Exec

SITE = "/usr/local/lib/python3.11/site-packages"
PYTHON: Files = {"/usr/local/lib/python3.11/os.py": "", "/usr/local/bin/python3.11": elf()}
LIBRARIES = "/usr/lib/x86_64-linux-gnu"
ALLOCATOR = f"{LIBRARIES}/libjemalloc.so.2"
EXTENSION = f"{LIBRARIES}/mod_spatialite.so"
TOOL = "/usr/bin/pdftotext"
MODULE = f"{SITE}/de_core_news/__init__.py"
POINTS = f"{SITE}/de_core_news-1.dist-info/entry_points.txt"


def kept(files: Files, variables: tuple[str, ...] = ()) -> set[str]:
    """What stays of an application below /app, two libraries, two commands and a distribution."""
    everything: Files = {
        **PYTHON,
        ALLOCATOR: elf(),
        EXTENSION: elf(),
        TOOL: elf(),
        "/usr/bin/pdftk": elf(),
        MODULE: "",
        POINTS: "[shop.exporters]\nx = de_core_news:X\n",
        "/usr/bin/x": elf(),
        "/app/n": "",
        **files,
    }
    packages = (
        package(Ecosystem.DEB, "libs", (ALLOCATOR, EXTENSION)),
        package(
            Ecosystem.PYPI,
            "de_core_news",
            (MODULE,),
            modules=("de_core_news",),
            metadata=(ImagePath(POINTS),),
        ),
    )
    used = {"/usr/bin/x": Use.EXECUTED, "/usr/local/bin/python3.11": Use.EXECUTED}
    run = {"WorkingDir": "/app", "Env": list(variables)}
    return set(plan_for(Case(everything, used, (), packages=packages, run=run)).keep)


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ('run([f"pdfto{kind}", path])', True),
        ('run(["pdfto" + kind, path])', True),
        ('run(["pdfto%s" % kind, path])', True),
        ('run([f"{source}totext", path])', True),
        ('run([f"pd{kind}", path])', False),
        ('print("is pdfto" + kind)', False),
    ],
)
def test_a_command_whose_name_is_composed_stays(line: str, stays: bool) -> None:
    found = kept({"/app/m.py": f"from subprocess import run\n{line}\n"})
    assert (TOOL in found) is stays
    assert "/usr/bin/pdftk" not in found


def test_a_composed_name_counts_in_scripts_where_a_command_stands() -> None:
    assert TOOL in kept({"/app/s.sh": "#!/bin/sh\npdfto$1 in.pdf\n"})
    assert TOOL not in kept({"/app/s.sh": "#!/bin/sh\necho pdfto$1\n"})
    assert composed_commands(b"`pdfto${kind}`, [`pdfto${kind}`]", {"pdftotext"}) == {"pdftotext"}


def test_a_name_that_fits_many_commands_names_none() -> None:
    family = {f"mkfs.{number}" for number in range(13)}
    assert composed_commands(b'["mkfs." + kind]', family) == frozenset()


@pytest.mark.parametrize(
    ("source", "stays"),
    [
        ('import spacy\nspacy.load(f"{language}_core_news")\n', True),
        ('import importlib\nn = "de_core_" + kind\nimportlib.import_module(n)\n', True),
        ('import spacy\nspacy.load("%s_core_news" % language)\n', True),
        ('n = f"{language}_core_news"\n', False),
        ('import spacy\nspacy.load(f"{language}_core_web")\n', False),
    ],
)
def test_a_module_whose_name_is_composed_before_the_import_stays(source: str, stays: bool) -> None:
    assert (MODULE in kept({"/app/m.py": source})) is stays


LOADER = "from importlib.metadata import entry_points\ndef load(g): return entry_points(group=g)\n"


@pytest.mark.parametrize(
    ("files", "stays"),
    [
        ({"/app/a.py": LOADER, "/app/b.py": 'load("shop.exporters")\n'}, True),
        ({"/app/a.py": LOADER, "/app/b.yaml": "group: shop.exporters\n"}, True),
        ({"/app/a.py": f'{LOADER}\nload(f"shop.{{kind}}")\n'}, True),
        ({"/app/a.py": LOADER, "/app/b.yaml": "group: workshop.exporters\n"}, False),
        ({"/app/a.py": "x = 1\n", "/app/b.yaml": "group: shop.exporters\n"}, False),
    ],
)
def test_a_group_of_entry_points_may_stand_in_another_file(files: Files, stays: bool) -> None:
    assert (MODULE in kept(files)) is stays


@pytest.mark.parametrize(
    ("script", "stays"),
    [
        ("LD_PRELOAD=$(find /usr/lib -name 'libjemalloc.so*' | head -1)", True),
        ("LD_PRELOAD=$(ldconfig -p | grep libjemalloc | head -1)", True),
        ("LD_PRELOAD=/usr/lib/$(uname -m)-linux-gnu/libjemalloc.so.2", True),
        ("# find /usr/lib -name 'libjemalloc.so*'", False),
        ("echo libjemalloc", False),
    ],
)
def test_a_script_looks_a_library_up(script: str, stays: bool) -> None:
    assert (ALLOCATOR in kept({"/app/s.sh": f"#!/bin/sh\n{script}\n"})) is stays
    assert searched_libraries(b"ldconfig -p | grep 'libtcmalloc\\.so'\n") == ("libtcmalloc",)
    pattern = b'PATTERNS=("libtcmalloc(_minimal|)\\.so\\.\\d" "libjemalloc\\.so\\.\\d")\n'
    assert searched_libraries(pattern) == ("libtcmalloc*", "libjemalloc")


@pytest.mark.parametrize(
    "line",
    [
        "export LD_PRELOAD=$(ldconfig -p | grep -m1 jemalloc | awk '{print $NF}')",
        "LIB=$(ldconfig -p | awk '/jemalloc/ {print $NF; exit}')",
        "LIB=`find /usr -name *jemalloc*so*`",
        "export LD_PRELOAD=$(ls /usr/lib/x86_64-linux-gnu/libjema*)",
        "LIB=/usr/lib/$T/libjemalloc.so.${VERSION:-2}",
        "LIB=/usr/lib/$T/libjemalloc.so.$VERSION",
    ],
)
def test_a_script_looks_a_library_up_by_a_part_of_its_name(line: str) -> None:
    script = f"#!/bin/sh\n{line}\n"
    assert ALLOCATOR in kept({"/app/s.sh": script})
    assert ALLOCATOR in kept({"/usr/local/bin/s": Exec(script.encode())})
    assert ALLOCATOR not in kept({"/app/s.sh": f"#!/bin/sh\n# {line}\n"})
    assert ALLOCATOR not in kept({"/app/s.sh": script.replace("jem", "tcm")})


@pytest.mark.parametrize(
    ("source", "stays"),
    [
        ("glob.glob('/usr/lib/*/libjemalloc.so*')", True),
        ("Path('/usr/lib').rglob('*jemalloc*')", True),
        ("f'/usr/lib/{machine()}-linux-gnu/libjemalloc.so.2'", True),
        ("glob.glob('/usr/lib/*/*.so*')", False),
        ("names = '*jemalloc*'", False),
    ],
)
def test_a_source_looks_a_library_up(source: str, *, stays: bool) -> None:
    assert (ALLOCATOR in kept({"/app/m.py": f"lib = {source}\n"})) is stays


@pytest.mark.parametrize(
    "variable", ["LD_PRELOAD=libjemalloc.so.2", "A=/usr/lib/*/libjemalloc.so.2", "A=b:libjem*.so"]
)
def test_a_variable_of_the_image_names_a_library(variable: str) -> None:
    assert (ALLOCATOR in kept({}, (variable,))) is not variable.endswith("*.so")


@pytest.mark.parametrize(
    "source",
    [
        'db.load_extension("mod_spatialite")\n',
        "db.execute(\"SELECT load_extension('mod_spatialite')\")\n",
    ],
)
def test_an_extension_of_sqlite_has_no_prefix_and_no_ending(source: str) -> None:
    assert EXTENSION in kept({"/app/m.py": source})
    assert EXTENSION not in kept({"/app/m.py": source.replace("load", "drop")})


def test_a_variable_chooses_a_command_of_an_application_that_starts_some() -> None:
    starts = "import os, subprocess\nsubprocess.run([os.environ['ENGINE']])\n"
    assert TOOL in kept({"/app/m.py": starts}, ("ENGINE=pdftotext",))
    assert TOOL not in kept({"/app/m.py": "import os\n"}, ("ENGINE=pdftotext",))
