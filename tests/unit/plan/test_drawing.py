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


QT: Files = {
    f"{LIB}/libQt6Core.so.6": elf(),
    f"{LIB}/libQt6Gui.so.6": elf(
        ("libEGL.so.1", "libGLX.so.0", "libQt6Core.so.6"),
        leftovers=("_ZN14QOpenGLContextC1EP7QObject",),
    ),
    f"{LIB}/libQt6Widgets.so.6": elf(("libQt6Gui.so.6",), leftovers=("_ZN4QRhi10backendEv",)),
    f"{LIB}/libQt6Charts.so.6": elf(
        ("libQt6Widgets.so.6", "libQt6OpenGLWidgets.so.6"),
        leftovers=("_ZN15QAbstractSeries12setUseOpenGLEb",),
    ),
    f"{LIB}/libQt6OpenGL.so.6": elf(("libQt6Gui.so.6",), leftovers=("_ZN14QOpenGLContextC1Ev",)),
    f"{LIB}/libQt6Quick.so.6": elf(("libQt6OpenGL.so.6", "libQt6Gui.so.6")),
    f"{LIB}/qt6/plugins/platforms/libqoffscreen.so": elf(
        ("libGLX.so.0", "libQt6Gui.so.6"), leftovers=("_ZN14QOpenGLContextC1EP7QObject",)
    ),
    f"{LIB}/qt6/plugins/xcbglintegrations/libqxcb-egl-integration.so": elf(("libEGL.so.1",)),
}
QT_FILES = tuple(path for path in QT if "Quick" not in path and "OpenGL" not in path)
BINDING: Files = {
    f"{SITE}/PyQt6/__init__.py": "",
    f"{SITE}/PyQt6/QtGui.abi3.so": elf(
        ("libQt6Gui.so.6",), leftovers=("_ZN14QOpenGLContextC1EP7QObject",)
    ),
    f"{SITE}/PyQt6/QtQuick.abi3.so": elf(("libQt6Quick.so.6",)),
    f"{SITE}/PyQt6/Qt6/qml/QtQuick/libqtquick2plugin.so": elf(("libQt6Quick.so.6",)),
    f"{SITE}/PyQt6/Qt6/plugins/platforms/libqoffscreen.so": elf(("libGLX.so.0",)),
}


def qt() -> Package:
    return package(Ecosystem.DEB, "libqt6gui6", QT_FILES)


def test_qt_that_paints_on_the_processor_keeps_no_driver() -> None:
    # A solver that can show its search in a window.
    files: Files = {
        **QT,
        "/usr/bin/solver": elf(
            ("libQt6Widgets.so.6", "libQt6Gui.so.6", "libQt6Core.so.6"),
            leftovers=("_ZN12QApplicationC1ERiPPci", "_ZN7QWidget10paintEventEP11QPaintEvent"),
        ),
    }
    found = plan(files, "/usr/bin/solver", qt())
    assert ImagePath(f"{LIB}/qt6/plugins/platforms/libqoffscreen.so") in found.keep
    assert not stays(found)


@pytest.mark.parametrize(
    ("needed", "symbol", "code"),
    [
        ("libQt6Gui.so.6", "_ZN14QOpenGLContextC1EP7QObject", "classes"),
        ("libQt6Widgets.so.6", "_ZN13QOpenGLWidgetC1EP7QWidget", "classes"),
        ("libQt6Gui.so.6", "_ZN15QVulkanInstanceC1Ev", "classes"),
        ("libQt6Charts.so.6", "_ZN15QAbstractSeries12setUseOpenGLEb", "classes"),
        ("libQt6OpenGL.so.6", "_ZN13QOpenGLWindowC1Ev", "modules"),
        ("libQt6Quick.so.6", "", "modules"),
        ("libGL.so.1", "", "programs"),
    ],
)
def test_qt_that_draws_keeps_the_drivers(needed: str, symbol: str, code: str) -> None:
    files: Files = {**QT, "/srv/view": elf((needed, "libQt6Core.so.6"), leftovers=(symbol,))}
    found = plan(files, "/srv/view", qt())
    assert stays(found)
    reason = found.keep[ImagePath(f"{LIB}/libEGL_mesa.so.0")]
    by = "drawing-programs" if code == "programs" else f"drawing-by-qt-{code}"
    assert (reason.code, reason.because) == (f"rule:{by}", ImagePath("/srv/view"))


def test_a_module_of_qml_draws() -> None:
    module = f"{LIB}/qt6/qml/QtQuick/libqtquick2plugin.so"
    files: Files = {**QT, module: elf(("libQt6Quick.so.6",)), "/srv/view": elf((module,))}
    assert stays(plan(files, "/srv/view", qt()))


@pytest.mark.parametrize(
    ("source", "draws"),
    [
        ("from PyQt6.QtGui import QGuiApplication, QImage, QPainter", False),
        ("from PyQt6 import QtSvg, QtWidgets", False),
        ("from PyQt6.QtQuick import QQuickView", True),
        ("from PyQt6 import (\n    QtWidgets,\n    QtQuick,\n)", True),
        ("from qtpy.QtQuick import QQuickView", True),
        ("from PyQt6.QtGui import QOpenGLContext", True),
        ("from PyQt6.QtQml import QQmlApplicationEngine", True),
        ("QtQuick = 1", False),
    ],
)
def test_python_draws_with_what_it_names_of_qt(source: str, *, draws: bool) -> None:
    main = "/srv/app/main.py"
    used = {
        "/usr/local/bin/python3.11": Use.EXECUTED,
        main: Use.OPENED,
        f"{SITE}/PyQt6/__init__.py": Use.OPENED,
        f"{SITE}/PyQt6/QtGui.abi3.so": Use.MAPPED,
    }
    owner = package(Ecosystem.PYPI, "PyQt6", tuple(BINDING), modules=("PyQt6",))
    files = {**MESA, **PYTHON, **QT, **BINDING, main: source}
    case = Case(files, used, (), packages=(mesa(), qt(), owner))
    found = plan_for(case, rules=load_rules())
    assert ImagePath(f"{SITE}/PyQt6/QtQuick.abi3.so") in found.keep
    assert stays(found) == draws


@pytest.mark.parametrize(
    ("name", "text", "draws"),
    [
        ("v.ui", '<widget class="QOpenGLWidget" name="view"/>', True),
        ("v.ui", '<widget class="QQuickWidget" name="view"/>', True),
        ("v.ui", "<customwidget><class>V</class><extends>QGLWidget</extends>", True),
        ("v.ui", '<widget class="QPushButton" name="QOpenGLWidget"/>', False),
        ("v.qml", "import QtQuick 2.15\nItem {}", True),
        ("v.qml", "import QtQuick.Controls\nButton {}", True),
        ("v.qml", "import QtQml\nQtObject {}", False),
    ],
)
@pytest.mark.parametrize("folder", ["/srv/app", f"{SITE}/viewer"])
def test_an_interface_that_is_loaded_by_name(
    folder: str, name: str, text: str, *, draws: bool
) -> None:
    main, interface = f"{folder}/__init__.py", f"{folder}/{name}"
    used = {
        "/usr/local/bin/python3.11": Use.EXECUTED,
        main: Use.OPENED,
        f"{SITE}/PyQt6/QtGui.abi3.so": Use.MAPPED,
    }
    owners = (
        package(Ecosystem.PYPI, "PyQt6", tuple(BINDING), modules=("PyQt6",)),
        *(
            (package(Ecosystem.PYPI, "viewer", (main, interface), modules=("viewer",)),)
            if folder.startswith(SITE)
            else ()
        ),
    )
    source = "from PyQt6 import uic\nwindow = uic.loadUi('v.ui')"
    files = {**MESA, **PYTHON, **QT, **BINDING, main: source, interface: text}
    found = plan_for(Case(files, used, (), packages=(mesa(), qt(), *owners)), rules=load_rules())
    assert stays(found) == draws
    if draws:
        because = found.keep[ImagePath(f"{LIB}/libEGL_mesa.so.0")].because
        assert because == ImagePath(interface)


@pytest.mark.parametrize(
    ("module", "draws"),
    [
        (f"{SITE}/PyQt6/QtQuick.abi3.so", True),
        (f"{SITE}/PyQt6/Qt6/qml/QtQuick/libqtquick2plugin.so", True),
        # Each program with a window imports it.
        (f"{SITE}/PyQt6/QtGui.abi3.so", False),
    ],
)
@pytest.mark.parametrize("use", [Use.MAPPED, Use.LOOKED_UP])
def test_a_module_of_a_binding_that_was_used(module: str, use: Use, *, draws: bool) -> None:
    main = "/srv/app/main.py"
    used = {"/usr/local/bin/python3.11": Use.EXECUTED, main: Use.OPENED, module: use}
    owner = package(Ecosystem.PYPI, "PyQt6", tuple(BINDING), modules=("PyQt6",))
    files = {**MESA, **PYTHON, **QT, **BINDING, main: "import qt_of_ours"}
    found = plan_for(Case(files, used, (), packages=(mesa(), qt(), owner)), rules=load_rules())
    assert ImagePath(module) in found.keep
    assert stays(found) == (draws and use is Use.MAPPED)


@pytest.mark.parametrize(
    ("variable", "draws"),
    [
        ("QT_QPA_PLATFORM=offscreen", False),
        ("QT_QPA_PLATFORM=eglfs", True),
        ("QT_QPA_PLATFORM=xcb:nographicsaa", True),
        ("QT_QPA_PLATFORM=wayland;xcb", True),
        ("QT_QPA_PLATFORM=offscreen;xcb", True),
        ("QT_QPA_PLATFORM=wayland-egl", True),
        ("QT_QPA_PLATFORM=vkkhrdisplay", True),
        ("QT_QPA_PLATFORM=linuxfb:fb=/dev/fb0", False),
        ("QT_QPA_PLATFORM=", False),
    ],
)
def test_a_platform_of_qt_that_is_chosen_for_the_image(variable: str, *, draws: bool) -> None:
    files: Files = {**QT, "/srv/view": elf(("libQt6Gui.so.6",))}
    assert stays(plan(files, "/srv/view", qt(), variables=(variable,))) == draws


@pytest.mark.parametrize(
    ("platform", "draws"),
    [("eglfs", True), ("wayland;xcb", True), ("wayland-egl", True), ("offscreen", False)],
)
@pytest.mark.parametrize("key", ["Entrypoint", "Cmd"])
def test_a_platform_of_qt_that_the_command_chooses(key: str, platform: str, *, draws: bool) -> None:
    files: Files = {**MESA, **QT, "/srv/view": elf(("libQt6Gui.so.6",))}
    run = {key: ["/srv/view", "-platform", platform]}
    case = Case(files, {"/srv/view": Use.EXECUTED}, (), packages=(mesa(), qt()), run=run)
    assert stays(plan_for(case, rules=load_rules())) == draws


def test_a_command_that_starts_a_display_draws() -> None:
    files: Files = {**MESA, **QT, "/srv/view": elf(("libQt6Gui.so.6",)), "/bin/xvfb-run": elf()}
    run = {"Entrypoint": ["xvfb-run", "-a", "/srv/view"]}
    used = {"/srv/view": Use.EXECUTED, "/bin/xvfb-run": Use.EXECUTED}
    assert stays(
        plan_for(Case(files, used, (), packages=(mesa(), qt()), run=run), rules=load_rules())
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('keep = ["/a"]\nnot_by = ["/b"]\n', "not_by: belongs beside when.opened"),
        ('keep = ["/a"]\nunless = {opened = ["libx.so*"]}\n', "unless.opened: not allowed"),
        ('drop = ["/a"]\nwhen = {opened = ["libx.so*"]}\n', "drop may not depend on 'opened'"),
        ('keep = ["/a"]\nwith_symbols = ["f"]\n', "with_symbols: belongs beside when.opened"),
        ('not_by = ["/b"]\nwhen = {opened = ["libx.so*"]}\n', "does nothing"),
    ],
)
def test_a_rule_that_asks_who_opens_something_is_checked(text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        parse_rules(
            f'version = 1\n[[rule]]\nid = "a"\nreason = "r"\nsource = "s"\n{text}'.encode(),
            "mine.toml",
        )
