"""Modules of other languages: wherever the interpreter lies, what it loads by name stays; where
there is none, nothing of it does.
"""

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from tests.support.plans import Case, Files, elf, package, plan_for

RULES = load_rules()
LATE = (
    ("ruby-libraries", "/usr/bin/ruby3.3", "/var/lib/gems/3.3.0/gems/x/late.rb"),
    ("ruby-libraries", "/opt/rubies/x/bin/ruby", "/usr/local/bundle/gems/x/late.rb"),
    ("ruby-libraries", "/usr/local/bin/ruby", "/usr/local/lib/ruby/gems/3.3.0/late.rb"),
    ("php-libraries", "/usr/local/bin/php8.3", "/usr/local/lib/php/late.php"),
    ("php-libraries", "/usr/local/bin/php-cgi", "/usr/local/lib/php/extensions/x/late.so"),
    ("php-libraries", "/opt/php/sbin/php-fpm8.3", "/usr/local/lib/php/late.php"),
    ("php-libraries", "/usr/sbin/php-fpm8.4", "/usr/share/php/late.php"),
    (
        "lua-modules",
        "/usr/local/openresty/luajit/lib/libluajit-5.1.so.2",
        "/usr/local/share/lua/5.1/late.lua",
    ),
    ("tcl-packages", "/usr/lib/libtcl8.6.so", "/usr/lib/tcl8.6/late/pkgIndex.tcl"),
    ("tcl-packages", "/usr/lib/libtcl9.0.so", "/usr/lib/tcl9/9.0/late.tm"),
    ("tcl-packages", "/usr/local/lib/libtcl8.6.so", "/usr/local/lib/tcl8.6/late.tcl"),
    ("guile-modules", "/usr/lib/libguile-3.0.so.1", "/usr/share/guile/site/3.0/late.scm"),
    ("guile-modules", "/usr/lib/libguile-3.0.so.1", "/usr/lib/x/guile/3.0/site-ccache/late.go"),
    ("raku-modules", "/usr/lib/libmoar.so", "/usr/lib/perl6/vendor/sources/0A1B"),
    ("lisp-systems", "/usr/bin/sbcl", "/usr/share/common-lisp/source/late/late.asd"),
    ("pari-data", "/usr/bin/gp-2.17", "/usr/share/pari/elldata/ell0"),
    ("tcl-packages", "/usr/lib64/libtcl8.6.so", "/usr/lib64/tcl8.6/late.tcl"),
)


@pytest.mark.parametrize(
    "late",
    [
        "/usr/local/include/python3.11/Python.h",
        "/usr/lib/python3/dist-packages/numpy/_core/include/numpy/ndarraytypes.h",
    ],
)
@pytest.mark.parametrize(
    "compiler", ["/usr/bin/x86_64-linux-gnu-g++-14", "/usr/bin/gcc", "/usr/bin/clang-19"]
)
def test_headers_of_python_stay_beside_a_compiler_whoever_started_it(
    late: str, compiler: str
) -> None:
    files: Files = {compiler: elf(), "/usr/bin/other": elf(), late: ""}
    plan = plan_for(Case(files, {compiler: Use.EXECUTED}, (), rules=RULES))
    assert plan.keep[ImagePath(late)].code == "rule:headers-beside-a-compiler"
    assert (
        ImagePath(late)
        in plan_for(Case(files, {"/usr/bin/other": Use.EXECUTED}, (), rules=RULES)).remove
    )


@pytest.mark.parametrize(("rule", "program", "late"), LATE)
def test_modules_stay_wherever_the_interpreter_lies(rule: str, program: str, late: str) -> None:
    files: Files = {program: elf(), late: "", "/usr/bin/other": elf()}
    used = Use.MAPPED if ".so" in program else Use.EXECUTED
    assert (
        plan_for(Case(files, {program: used}, (), rules=RULES)).keep[ImagePath(late)].code
        == f"rule:{rule}"
    )
    assert (
        ImagePath(late)
        in plan_for(Case(files, {"/usr/bin/other": Use.EXECUTED}, (), rules=RULES)).remove
    )


LIB = "/usr/lib/x86_64-linux-gnu"
DRAWS: Files = {
    "/usr/bin/ffmpeg": elf(("libGL.so.1", "libgbm.so.1", "libEGL.so.1", "libva.so.2")),
    f"{LIB}/libGL.so.1": elf(text=b"\0libGLX_mesa.so.0\0"),
    f"{LIB}/libEGL.so.1": elf(text=b"\0/usr/share/glvnd/egl_vendor.d\0"),
    f"{LIB}/libgbm.so.1": elf(text=f"\0{LIB}/gbm\0".encode()),
    f"{LIB}/libva.so.2": elf(text=f"\0{LIB}/dri\0".encode()),
    f"{LIB}/libGLX_mesa.so.0": elf(("libgallium.so",)),
    f"{LIB}/libEGL_mesa.so.0": elf(("libgallium.so",)),
    f"{LIB}/gbm/dri_gbm.so": elf(("libgallium.so",)),
    f"{LIB}/dri/swrast_dri.so": elf(("libgallium.so",)),
    f"{LIB}/dri/iHD_drv_video.so": elf(),
    f"{LIB}/libgallium.so": elf(("libLLVM.so.19.1",)),
    f"{LIB}/libLLVM.so.19.1": elf(),
    "/usr/share/glvnd/egl_vendor.d/50_mesa.json": '{"ICD": {"library_path": "libEGL_mesa.so.0"}}',
}
DRIVERS = {
    f"{LIB}/{item}"
    for item in (
        "libGLX_mesa.so.0",
        "libEGL_mesa.so.0",
        "gbm/dri_gbm.so",
        "dri/swrast_dri.so",
        "libgallium.so",
        "libLLVM.so.19.1",
    )
}


@pytest.mark.parametrize(
    ("more", "stays"),
    [
        ({}, False),
        ({"/usr/bin/Xvfb": elf(("libGL.so.1",))}, True),
        ({"/opt/qt/lib/libQt6Gui.so.6": elf(("libEGL.so.1",))}, False),
        ({"/opt/view": elf(("libQt6Gui.so.6",), leftovers=("_ZN14QOpenGLContextC1Ev",))}, True),
    ],
)
def test_drivers_that_draw_stay_where_something_can(more: Files, *, stays: bool) -> None:
    used = {
        "/usr/bin/ffmpeg": Use.EXECUTED,
        "/usr/share/glvnd/egl_vendor.d/50_mesa.json": Use.OPENED,
        **dict.fromkeys(more, Use.MAPPED),
    }
    keep = plan_for(Case({**DRAWS, **more}, used, (), rules=RULES)).keep
    assert {path for path in DRIVERS if path in keep} == (DRIVERS if stays else set())
    assert {f"{LIB}/dri/iHD_drv_video.so", f"{LIB}/libgbm.so.1", f"{LIB}/libEGL.so.1"} <= set(keep)


LINKED = {
    f"{LIB}/{item}" for item in ("Scrt1.o", "crti.o", "libm.so", "libc.so", "libc_nonshared.a")
}
LINKED |= {
    f"/usr/lib/gcc/x86_64-linux-gnu/14/{item}"
    for item in ("crtbeginS.o", "libgcc.a", "libgcc_s.so")
}


@pytest.mark.parametrize("links", [True, False])
def test_what_compiles_within_its_process_keeps_what_its_linker_reads(*, links: bool) -> None:
    files: Files = {
        **dict.fromkeys((*LINKED, f"{LIB}/libfoo.a"), "x"),
        "/usr/bin/ld": elf(),
        f"{LIB}/libclang-cpp.so.18.1": elf(),
        "/usr/bin/other": elf(("libcl.so.2",)),
    }
    files = {**files, f"{LIB}/libcl.so.2": elf(("libclang-cpp.so.18.1",) if links else ())}
    development = package(Ecosystem.DEB, "libc6-dev", (*sorted(LINKED), f"{LIB}/libfoo.a"))
    keep = plan_for(
        Case(files, {"/usr/bin/other": Use.EXECUTED}, (), packages=(development,), rules=RULES)
    ).keep
    assert {path for path in {*LINKED, "/usr/bin/ld"} if path in keep} == (
        {*LINKED, "/usr/bin/ld"} if links else set()
    )
    assert f"{LIB}/libfoo.a" not in keep


@pytest.mark.parametrize(("module", "kept"), [("dbt", True), ("other", False)])
def test_git_stays_for_dbt_and_for_no_library_that_names_it(module: str, kept: bool) -> None:
    source = f"/usr/lib/python3/dist-packages/{module}/clients/git.py"
    files: Files = {source: 'run_cmd(".", ["git", "--version"])\n', "/usr/bin/git": elf()}
    plan = plan_for(Case(files, {source: Use.OPENED}, (), rules=RULES))
    assert (ImagePath("/usr/bin/git") in plan.keep) is kept


@pytest.mark.parametrize("collected", [True, False])
def test_maps_of_style_sheets_stay_for_django_which_reads_them(*, collected: bool) -> None:
    site = "/usr/local/lib/python3.13/site-packages"
    style = f"{site}/widgets/static/widgets/base.css"
    django = f"{site}/django/contrib/staticfiles/__init__.py"
    files: Files = {
        "/usr/local/bin/python3.13": elf(),
        "/usr/local/lib/python3.13/os.py": "",
        f"{site}/widgets/__init__.py": "",
        style: "/*# sourceMappingURL=base.css.map */",
        f"{style}.map": "{}",
        f"{site}/django/__init__.py": "",
        f"{site}/django/contrib/__init__.py": "",
        django: "",
    }
    packages = (
        package(Ecosystem.PYPI, "widgets", (f"{site}/widgets/__init__.py", style, f"{style}.map")),
        package(Ecosystem.PYPI, "django", (django,)),
    )
    used = {
        "/usr/local/bin/python3.13": Use.EXECUTED,
        f"{site}/widgets/__init__.py": Use.OPENED,
        **({django: Use.OPENED} if collected else {}),
    }
    keep = plan_for(Case(files, used, (), packages=packages, rules=RULES)).keep
    assert ImagePath(style) in keep
    assert (ImagePath(f"{style}.map") in keep) == collected


@pytest.mark.parametrize("module", ["__delaunayn__.oct", "late.mex"])
def test_a_module_of_octave_is_linked_though_its_name_is_no_librarys(module: str) -> None:
    path, library = f"/usr/lib/octave/9/oct/{module}", "/usr/lib/libqhull_r.so.8"
    files: Files = {path: bytes(elf(("libqhull_r.so.8",))), library: elf()}
    owned = (package(Ecosystem.DEB, "octave", (path,)), package(Ecosystem.DEB, "q", (library,)))
    plan = plan_for(Case(files, {path: Use.OPENED}, (), packages=owned, rules=RULES))
    assert ImagePath(library) in plan.keep


@pytest.mark.parametrize(
    ("source", "use", "kept"),
    [
        ("import json\n", None, False),
        ("import nis\n", None, True),
        ("import json\n", Use.OPENED, True),
    ],
)
def test_the_client_of_nis_and_its_libraries_stay_only_for_who_names_or_loads_it(
    source: str, use: Use | None, *, kept: bool
) -> None:
    home = "/usr/local/lib/python3.11"
    module = f"{home}/lib-dynload/nis.cpython-311-x86_64-linux-gnu.so"
    library = "/usr/lib/libnsl.so.2"
    files: Files = {
        "/usr/local/bin/python3.11": elf(),
        f"{home}/os.py": "",
        f"{home}/encodings/__init__.py": "",
        "/srv/app.py": source,
        module: bytes(elf(("libnsl.so.2",))),
        library: elf(),
    }
    used = {f"{home}/os.py": Use.OPENED, "/srv/app.py": Use.OPENED}
    owner = package(Ecosystem.DEB, "libnsl2", (library,))
    case = Case(files, used | ({module: use} if use else {}), (), packages=(owner,), rules=RULES)
    keep = plan_for(case).keep
    assert [ImagePath(each) in keep for each in (module, library)] == [kept, kept]
