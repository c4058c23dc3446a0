"""What stays of a conda package once something of it does: its records say what belongs together."""

import json
from collections.abc import Mapping

import pytest

from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from tests.support.plans import Case, Files, elf, plan_for

P = "/opt/conda"
RULES = load_rules()
RUN = {"WorkingDir": "/app", "Env": [f"PATH={P}/bin:/usr/bin"]}


def conda(name: str, files: Mapping[str, bytes | str], *depends: str) -> Files:
    record = {"name": name, "files": list(files), "depends": [f"{item} >=1" for item in depends]}
    return {
        **{f"{P}/{path}": content for path, content in files.items()},
        f"{P}/conda-meta/{name}-1-0.json": json.dumps(record),
    }


PYTHON = conda(
    "python",
    {
        "bin/python3.11": elf(),
        "lib/python3.11/os.py": "",
        "lib/python3.11/encodings/__init__.py": "",
        "include/python3.11/Python.h": "",
    },
    "tzdata",
)
ZONES = conda("tzdata", {"share/zoneinfo/Asia/Tokyo": ""})


def planned(
    *packages: Files,
    source: str = "",
    level: Level = Level.CLOSURE,
    used: Mapping[str, Use] | None = None,
) -> Plan:
    files: Files = {"/app/main.py": source}
    for each in (PYTHON, ZONES, *packages):
        files = {**files, **each}
    uses = {f"{P}/bin/python3.11": Use.EXECUTED, "/app/main.py": Use.OPENED}
    uses |= {f"{P}/{path}": use for path, use in (used or {}).items()}
    return plan_for(Case(files, uses, (), run=RUN, rules=RULES), level)


def there(plan: Plan, *paths: str) -> set[str]:
    return {path for path in paths if ImagePath(f"{P}/{path}") in plan.keep}


def test_data_plugins_and_helpers_of_a_used_library_stay_and_its_commands_and_headers_go() -> None:
    files: dict[str, bytes | str] = {
        "lib/libgeo.so.3": elf(),
        "lib/libgeo_c.so.1": elf(),
        "lib/geoplugins/late.so": elf(),
        "libexec/geo/helper": elf(),
        "share/geo/late.csv": "",
        "etc/conda/activate.d/geo.sh": "",
        "include/geo.h": "",
        "lib/libgeo.a": "",
        "share/man/man1/geo.1": "",
    }
    plan = planned(conda("geo", files), used={"lib/libgeo.so.3": Use.MAPPED})
    assert there(plan, *files) == {*files} - {
        "lib/libgeo_c.so.1",
        "include/geo.h",
        "lib/libgeo.a",
        "share/man/man1/geo.1",
    }


def test_data_that_a_used_package_depends_on_stays() -> None:
    assert there(planned(), "share/zoneinfo/Asia/Tokyo")


@pytest.mark.parametrize("starts", [True, False])
def test_a_command_counts_only_if_it_is_started(*, starts: bool) -> None:
    files: dict[str, bytes | str] = {"bin/tess": elf(), "share/tessdata/deu.traineddata": ""}
    source = "subprocess.run(['tess', path])" if starts else ""
    plan = planned(conda("tess", files), source=source)
    assert bool(there(plan, "share/tessdata/deu.traineddata")) is starts


def test_what_adds_to_a_tree_of_a_started_program_stays_and_what_does_not_goes() -> None:
    perl = conda("perl", {"bin/perl": elf(), "lib/perl5/core/POSIX.pm": ""})
    more = conda("perl-json", {"lib/perl5/site/JSON.pm": ""}, "perl")
    other = conda("words", {"bin/words": elf(), "share/words/list": ""}, "perl")
    plan = planned(perl, more, other, used={"bin/perl": Use.EXECUTED})
    assert there(plan, "lib/perl5/core/POSIX.pm", "lib/perl5/site/JSON.pm", "share/words/list") == {
        "lib/perl5/core/POSIX.pm",
        "lib/perl5/site/JSON.pm",
    }


@pytest.mark.parametrize("ran", [True, False])
def test_a_compiler_that_ran_keeps_what_a_compilation_needs(*, ran: bool) -> None:
    host = "x86_64-conda-linux-gnu"
    gcc = conda(
        "gcc_impl_linux-64",
        {f"bin/{host}-gcc": elf(), f"libexec/gcc/{host}/13/cc1": elf()},
        "binutils_impl_linux-64",
        "sysroot_linux-64",
    )
    binutils = conda("binutils_impl_linux-64", {f"{host}/bin/ld": elf()})
    sysroot = conda("sysroot_linux-64", {f"{host}/sysroot/usr/include/stdio.h": ""})
    used = {f"bin/{host}-gcc": Use.EXECUTED} if ran else {}
    plan = planned(gcc, binutils, sysroot, used=used)
    parts = (
        f"libexec/gcc/{host}/13/cc1",
        f"{host}/bin/ld",
        f"{host}/sysroot/usr/include/stdio.h",
    )
    assert there(plan, *parts) == ({*parts} if ran else set())


def test_an_index_that_an_installation_generated_stays() -> None:
    files = conda("glib", {"lib/libgio.so.0": elf(), "share/glib-2.0/schemas/a.xml": ""})
    index = {f"{P}/share/glib-2.0/schemas/gschemas.compiled": ""}
    plan = planned(files, index, used={"lib/libgio.so.0": Use.MAPPED})
    assert there(plan, "share/glib-2.0/schemas/gschemas.compiled")


def test_at_package_level_all_stays_with_its_dependencies() -> None:
    geo = conda("geo", {"lib/libgeo.so.3": elf(), "include/geo.h": ""}, "tool")
    tool = conda("tool", {"libexec/tool/run": elf()})
    plan = planned(geo, tool, level=Level.PACKAGE, used={"lib/libgeo.so.3": Use.MAPPED})
    assert there(plan, "include/geo.h", "libexec/tool/run") == {"include/geo.h", "libexec/tool/run"}


@pytest.mark.parametrize(
    "record",
    [
        "{",
        "[]",
        '{"name": "\\ud800", "files": ["../../etc/x", "/etc/x", 1, "lib/libgeo.so.3"]}',
        '{"name": 1, "files": {"lib/libgeo.so.3": 1}, "depends": [[], "geo"]}',
        "[" * 1_000_001,
    ],
)
def test_a_hostile_record_keeps_nothing_else(record: str) -> None:
    files: Files = {
        f"{P}/lib/libgeo.so.3": elf(),
        "/srv/x": "",
        f"{P}/conda-meta/geo-1-0.json": record,
    }
    plan = planned(files, used={"lib/libgeo.so.3": Use.MAPPED})
    assert ImagePath("/srv/x") in plan.remove
    assert not [each for each in plan.keep.values() if "\ud800" in each.detail]
