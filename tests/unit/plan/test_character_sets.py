"""The C library's modules for character sets: who calls iconv_open keeps them."""

import pytest

from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from tests.support.plans import Case, Files, elf, package, plan_for

LIB = "/usr/lib/x86_64-linux-gnu"
MODULE = ImagePath(f"{LIB}/gconv/SJIS.so")
INDEX = ImagePath(f"{LIB}/gconv/gconv-modules.cache")
GLIBC: Files = {
    "/lib64/ld-linux-x86-64.so.2": elf(),
    f"{LIB}/libc.so.6": elf(leftovers=("iconv_open",)),
    f"{LIB}/gconv/SJIS.so": elf(("libc.so.6",)),
    f"{LIB}/gconv/gconv-modules.cache": "",
    "/usr/lib/locale/C.utf8/LC_CTYPE": "",
}


def libc6() -> Package:
    return package(Ecosystem.DEB, "libc6", tuple(GLIBC))


def plan(files: Files, used: dict[str, Use], level: Level = Level.CLOSURE) -> Plan:
    case = Case({**GLIBC, **files}, used, (), packages=(libc6(),), level=level)
    found = plan_for(case, rules=load_rules())
    assert INDEX in found.keep
    return found


def ran(program: object, more: Files | None = None, at: str = "/srv/tool") -> Plan:
    return plan({**(more or {}), at: program}, {at: Use.EXECUTED})  # type: ignore[dict-item]


def test_nobody_calls_iconv() -> None:
    found = ran(elf(("libc.so.6",), leftovers=("fopen", "setlocale")))
    assert ImagePath(f"{LIB}/libc.so.6") in found.keep
    assert found.remove[MODULE].code == "rule:character-sets-of-nobody"


@pytest.mark.parametrize("symbol", ["iconv_open", "u8_conv_from_encoding", "u8_conv_to_encoding"])
def test_a_program_that_calls_iconv_keeps_every_character_set(symbol: str) -> None:
    library = "libc.so.6" if symbol == "iconv_open" else "libunistring.so.5"
    found = ran(elf((library, "libc.so.6"), leftovers=(symbol,)))
    assert found.keep[MODULE].code == "rule:character-sets"
    assert found.keep[MODULE].because == ImagePath("/srv/tool")


def test_a_library_of_a_program_counts_as_well() -> None:
    glib = elf(("libc.so.6",), leftovers=("iconv_open", "iconv"))
    found = ran(elf(("libglib-2.0.so.0", "libc.so.6")), {f"{LIB}/libglib-2.0.so.0": glib})
    assert found.keep[MODULE].because == ImagePath(f"{LIB}/libglib-2.0.so.0")


def test_a_symbol_behind_many_others_counts_as_well() -> None:
    # Node.js and torch have more than 5 MB of names.
    found = ran(elf(("libc.so.6",), leftovers=("x" * (5 << 20), "iconv_open")))
    assert found.keep[MODULE].code == "rule:character-sets"


@pytest.mark.parametrize(
    "path",
    ["/usr/bin/bash", "/usr/bin/tar", f"{LIB}/libidn2.so.0", f"{LIB}/libstdc++.so.6.0.33"],
)
def test_what_converts_to_the_charset_of_the_locale_alone_needs_none(path: str) -> None:
    found = plan({path: elf(("libc.so.6",), leftovers=("iconv_open",))}, {path: Use.MAPPED})
    assert MODULE in found.remove


@pytest.mark.parametrize(
    "locale",
    [
        "/usr/lib/locale/locale-archive",
        "/usr/lib/locale/ja_JP.eucjp/LC_CTYPE",
        "/usr/lib/locale/eo/LC_CTYPE",
        "/usr/lib/locale/C.iso88591/LC_CTYPE",
        "/usr/glibc-compat/lib/locale/locale-archive",
        "/usr/glibc-compat/lib/locale/POLISH/LC_CTYPE",
        "/nix/store/0a-glibc-locales-2.40/lib/locale/locale-archive",
        "/srv/locales/deutsch/LC_CTYPE",
    ],
)
def test_another_locale_may_have_another_character_set(locale: str) -> None:
    found = ran(elf(("libc.so.6",)), {locale: ""})
    assert found.keep[MODULE].code in ("rule:character-sets-of-locales", "package")


@pytest.mark.parametrize("locale", ["C", "C.utf8", "C.UTF-8"])
def test_locales_of_the_c_library_itself_need_no_module(locale: str) -> None:
    found = ran(elf(("libc.so.6",)), {f"/usr/lib/locale/{locale}/LC_CTYPE": ""})
    assert MODULE in found.remove


@pytest.mark.parametrize("variable", ["LOCPATH", "LOCALE_ARCHIVE", "GCONV_PATH"])
def test_a_variable_may_choose_other_locales(variable: str) -> None:
    case = Case(
        {**GLIBC, "/srv/tool": elf(("libc.so.6",))},
        {"/srv/tool": Use.EXECUTED},
        (),
        packages=(libc6(),),
        run={"Env": [f"{variable}=/data"]},
    )
    assert MODULE in plan_for(case, rules=load_rules()).keep


@pytest.mark.parametrize(
    ("path", "text", "kept"),
    [
        ("/srv/app/main.py", "line = ['iconv', '-f', 'latin1']", True),
        ("/usr/share/lua/5.1/conv.lua", "return ffi.C.iconv_open(a, b)", True),
        ("/srv/app/main.py", "libc.fopen(path, b'r,ccs=SJIS')", True),
        ("/srv/app/main.py", "gettext.bind_textdomain_codeset('app', 'EUC-JP')", True),
        ("/srv/app/main.py", "text.decode('shift_jis')", False),
    ],
)
def test_sources_that_call_it(path: str, text: str, *, kept: bool) -> None:
    files: Files = {
        "/usr/bin/lua": elf(("libc.so.6",)),
        path: text,
    }
    found = plan(files, {"/usr/bin/lua": Use.EXECUTED, path: Use.OPENED})
    assert (MODULE in found.keep) == kept


@pytest.mark.parametrize("text", [b"\0iconv_open\0", b"\0r,ccs=SJIS\0"])
def test_a_program_that_names_it_in_its_texts(text: bytes) -> None:
    found = ran(elf(("libc.so.6",), text=text, leftovers=("dlsym",)))
    assert found.keep[MODULE].code == "rule:character-sets-in-sources"
    assert found.keep[MODULE].because == ImagePath("/srv/tool")


def test_texts_that_each_image_has() -> None:
    # The C library itself, and what is linked with it statically: tini, ldconfig.
    fopen = b"\0,ccs=\0"
    libc = elf(("ld-linux-x86-64.so.2",), text=fopen, leftovers=("iconv_open",))
    apt = elf(("libc.so.6",), text=b"\0iconv_open\0", leftovers=("iconv_open",))
    files: Files = {
        f"{LIB}/libc.so.6": libc,
        "/usr/bin/tini-static": elf(text=fopen),
        "/srv/tool": elf(("libc.so.6", "libapt-pkg.so.7.0")),
        f"{LIB}/libapt-pkg.so.7.0": apt,
    }
    found = plan(files, {"/srv/tool": Use.EXECUTED, "/usr/bin/tini-static": Use.EXECUTED})
    assert ImagePath(f"{LIB}/libapt-pkg.so.7.0") in found.keep
    assert MODULE in found.remove


def test_a_character_set_that_was_used_stays() -> None:
    used = {"/srv/tool": Use.EXECUTED, f"{LIB}/gconv/SJIS.so": Use.MAPPED}
    assert MODULE in plan({"/srv/tool": elf(("libc.so.6",))}, used).keep


def test_at_package_the_c_library_stays_whole() -> None:
    used = {"/srv/tool": Use.EXECUTED, f"{LIB}/libc.so.6": Use.MAPPED}
    assert MODULE in plan({"/srv/tool": elf(("libc.so.6",))}, used, Level.PACKAGE).keep
