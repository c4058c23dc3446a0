"""Drivers that draw: who opens OpenGL, EGL or Vulkan keeps them, and what only brings them along
does not.
"""

import pytest

from careen.errors import ConfigError
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.plan import Plan
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules, parse_rules
from tests.support.plans import Case, Files, elf, package, plan_for
from tests.support.trees import Link

LIB = "/usr/lib/x86_64-linux-gnu"
SITE = "/usr/local/lib/python3.11/site-packages"
PYTHON: Files = {
    "/usr/local/bin/python3.11": elf(),
    "/usr/local/lib/python3.11/os.py": "",
    "/usr/local/lib/python3.11/encodings/__init__.py": "",
}
MESA: Files = {
    f"{LIB}/libGL.so.1": elf(("libGLX.so.0",)),
    f"{LIB}/libGLX.so.0": elf(text=b"\0libGLX_%s.so.0\0"),
    f"{LIB}/libEGL.so.1": elf(text=b"\0/usr/share/glvnd/egl_vendor.d\0"),
    f"{LIB}/libvulkan.so.1": elf(text=b"\0/usr/share/vulkan/icd.d\0"),
    f"{LIB}/libepoxy.so.0": elf(text=b"\0libGL.so.1\0libEGL.so.1\0"),
    f"{LIB}/libGLX_mesa.so.0": Link("libGLX_mesa.so.0.0.0"),
    f"{LIB}/libGLX_mesa.so.0.0.0": elf(("libgallium-25.so",)),
    f"{LIB}/libEGL_mesa.so.0": elf(("libgallium-25.so",)),
    f"{LIB}/libvulkan_lvp.so": elf(("libLLVM.so.19.1",)),
    f"{LIB}/dri/swrast_dri.so": elf(("libgallium-25.so",)),
    f"{LIB}/libgallium-25.so": elf(("libLLVM.so.19.1",), text=b"\0libvulkan.so.1\0"),
    f"{LIB}/libLLVM.so.19.1": elf(),
}
DRIVERS = {
    f"{LIB}/libGLX_mesa.so.0.0.0",
    f"{LIB}/libEGL_mesa.so.0",
    f"{LIB}/libvulkan_lvp.so",
    f"{LIB}/libLLVM.so.19.1",
}


def mesa() -> Package:
    return package(
        Ecosystem.DEB,
        "mesa",
        tuple(path for path in MESA if not path.endswith((".so.19.1", "25.so"))),
    )


def plan(files: Files, used: str, *others: Package, variables: tuple[str, ...] = ()) -> Plan:
    return plan_for(
        Case(
            {**MESA, **files},
            {used: Use.EXECUTED},
            (),
            packages=(mesa(), *others),
            run={"Env": list(variables)},
        ),
        rules=load_rules(),
    )


def stays(found: Plan) -> bool:
    kept = {path for path in DRIVERS if ImagePath(path) in found.keep}
    assert kept in (set(), DRIVERS)
    return bool(kept)


def test_what_only_brings_a_driver_along_does_not_keep_it() -> None:
    files: Files = {
        "/usr/bin/ffmpeg": elf(("libavdevice.so.61", "libavutil.so.59")),
        f"{LIB}/libavdevice.so.61": elf(("libGL.so.1", "libSDL2-2.0.so.0")),
        f"{LIB}/libavutil.so.59": elf(text=b"\0libvulkan.so.1\0"),
        f"{LIB}/libSDL2-2.0.so.0": elf(text=b"\0libGL.so.1\0libEGL.so.1\0libvulkan.so.1\0"),
    }
    found = plan(files, "/usr/bin/ffmpeg")
    assert not stays(found)
    assert found.remove[ImagePath(f"{LIB}/libEGL_mesa.so.0")].code == "rule:graphics-drivers"
    assert ImagePath(f"{LIB}/libGL.so.1") in found.keep


@pytest.mark.parametrize(
    ("needed", "text"),
    [
        (("libGL.so.1",), b""),
        (("libEGL.so.1",), b""),
        (("libepoxy.so.0",), b""),
        ((), b"\0libEGL.so.1\0"),
        ((), b"\0libvulkan.so.1\0"),
        ((), b"\0libGL.so\0"),
    ],
)
def test_a_program_that_no_list_knows_keeps_the_drivers_by_what_it_opens(
    needed: tuple[str, ...], text: bytes
) -> None:
    files: Files = {"/srv/draw": elf(("libown.so",)), "/usr/lib/libown.so": elf(needed, text=text)}
    found = plan(files, "/srv/draw")
    assert stays(found)
    reason = found.keep[ImagePath(f"{LIB}/libEGL_mesa.so.0")]
    assert (reason.code, reason.because) == (
        "rule:drawing-programs",
        ImagePath("/usr/lib/libown.so"),
    )


def test_what_is_not_kept_opens_nothing() -> None:
    assert not stays(
        plan({"/srv/other": elf(), "/usr/games/chess": elf(("libGL.so.1",))}, "/srv/other")
    )


@pytest.mark.parametrize(
    "call",
    [
        "ctypesloader.loadLibrary(ctypes.cdll, 'EGL', mode=ctypes.RTLD_GLOBAL)",
        "ctypes.util.find_library('GL')",
        "CDLL('libvulkan.so.1')",
    ],
)
def test_a_binding_in_python_keeps_the_drivers(call: str) -> None:
    source = f"{SITE}/binding/__init__.py"
    files: Files = {
        **PYTHON,
        source: f"import ctypes.util\n\n\ndef library():\n    return {call}\n",
    }
    owner = package(Ecosystem.PYPI, "binding", (source,), modules=("binding",))
    used = {"/usr/local/bin/python3.11": Use.EXECUTED, source: Use.OPENED}
    assert stays(
        plan_for(Case({**MESA, **files}, used, (), packages=(mesa(), owner)), rules=load_rules())
    )


@pytest.mark.parametrize(
    "source",
    [
        "egl.eglInitialize(display, None, None)",
        "run(['ffmpeg', '-init_hw_device', 'vulkan=vk'])",
        "'libplacebo=w=32'",
    ],
)
def test_a_source_that_asks_for_a_driver_keeps_it(source: str) -> None:
    used = {
        "/usr/local/bin/python3.11": Use.EXECUTED,
        "/srv/app/main.py": Use.OPENED,
        f"{LIB}/libGL.so.1": Use.MAPPED,
    }
    assert stays(
        plan_for(
            Case({**MESA, **PYTHON, "/srv/app/main.py": source}, used, (), packages=(mesa(),)),
            rules=load_rules(),
        )
    )


def test_a_variable_that_asks_for_a_driver_keeps_it() -> None:
    assert stays(plan({"/srv/other": elf()}, "/srv/other", variables=("PYOPENGL_PLATFORM=osmesa",)))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('keep = ["/a"]\nnot_by = ["/b"]\n', "not_by: belongs beside when.opened"),
        ('keep = ["/a"]\nunless = {opened = ["libx.so*"]}\n', "unless.opened: not allowed"),
        ('drop = ["/a"]\nwhen = {opened = ["libx.so*"]}\n', "drop may not depend on 'opened'"),
        ('not_by = ["/b"]\nwhen = {opened = ["libx.so*"]}\n', "does nothing"),
    ],
)
def test_a_rule_that_asks_who_opens_something_is_checked(text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        parse_rules(
            f'version = 1\n[[rule]]\nid = "a"\nreason = "r"\nsource = "s"\n{text}'.encode(),
            "mine.toml",
        )
