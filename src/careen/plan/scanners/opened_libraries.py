"""Libraries that a source opens by name: ctypes, cffi, and the like in other languages."""

import re
from collections.abc import Iterator

from careen.plan.scanners.library_variables import OPENING, names_in_variables
from careen.plan.scanners.source import mentions

_PLACES = rb"[\w+-]|%[sd]|%\(\w{1,40}\)[sd]|\$?\{[^{}\"'\n]{0,80}\}"
_FULL = re.compile(
    rb"[\"'`](?:[\w./+${}()%-]{0,200}/)?(lib(?:"
    + _PLACES
    + rb"){1,100}\.so(?:\.(?:[\w.]|%[sd]|\$?\{[^{}\"'\n]{0,80}\}){1,40})?)[\"'`]"
)
_CALL = re.compile(
    rb"(?:find_library|dlopen|CDLL|[Ll]oadLibrary|load_library|ctypes_load_library|ffi_lib|ffi\.load|load_extension|loadExtension)\(?"
    rb"[ \t]?([^()]{0,200}(?:\([^()]{0,200})?)"
)
LITERAL = re.compile(rb"[\"']([\w+-][\w.+-]{0,100})[\"']")
# like find_library("MagickWand" + suffix)
_BEGUN = re.compile(OPENING + rb"(?:[\"']([\w-]{4,60})[\"'][ \t]{0,8}\+|f[\"']([\w-]{4,60})\{)")
_ENDS_A_NAME = re.compile(rb"\.so[.\"'`]")
CALLS = (
    b"find_library",
    b"dlopen",
    b"CDLL",
    b"LoadLibrary",
    b"loadLibrary",
    b"load_library",
    b"ffi_lib",
    b"ffi.load",
    b"load_extension",  # SQLite's own function, and the methods of its bindings
    b"loadExtension",
)


_QT_BINDING = re.compile(rb"(?<!\w)(PyQt[56]|PySide[26]|qtpy)(?!\w)")
_QT_MAJORS = {b"PyQt5": "5", b"PySide2": "5", b"PyQt6": "6", b"PySide6": "6", b"qtpy": "56"}
_QT_MODULE = re.compile(rb"(?<!\w)Qt([A-Z0-9]\w{1,40})(?!\w)")
_QT_FORM = re.compile(
    rb"(?:class=\"|<(?:class|extends)>)(QOpenGLWidget|QGLWidget|QQuickWidget|QWebEngineView)[\"<]"
)
_QT_CLASSES = {
    b"QOpenGLWidget": ("libQt5OpenGL.so.5", "libQt6OpenGLWidgets.so.6"),
    b"QGLWidget": ("libQt5OpenGL.so.5",),
    b"QQuickWidget": ("libQt5QuickWidgets.so.5", "libQt6QuickWidgets.so.6"),
    b"QWebEngineView": ("libQt5WebEngineWidgets.so.5", "libQt6WebEngineWidgets.so.6"),
}
_QML = re.compile(
    rb"import(?<!\wimport)[ \t]{1,20}Qt(?:Quick|WebEngine|3D|DataVisualization|Graphs)(?![a-z])"
)
_QML_MODULES = (b"QtQuick", b"QtWebEngine", b"Qt3D", b"QtDataVisualization", b"QtGraphs")
_QT_QUICK = ("libQt5Quick.so.5", "libQt6Quick.so.6")


def _qt_interfaces(source: bytes) -> Iterator[str]:
    """Yield the libraries of Qt that a form of Qt Designer or a scene in QML needs.

    A program loads these files by name. No import shows what they name.
    """
    if mentions(source, *_QT_CLASSES):
        for item in set(_QT_FORM.findall(source)):
            yield from _QT_CLASSES[item]
    if mentions(source, b"Qt") and mentions(source, *_QML_MODULES) and _QML.search(source):
        yield from _QT_QUICK


def _qt_libraries(source: bytes) -> Iterator[str]:
    """Yield the libraries of the modules of Qt that a source in Python names.

    The module `QtQuick` of a binding is linked with `libQt6Quick`. A binding's modules are
    installed together, so only a source shows which of them is loaded.
    """
    bindings = {_QT_MAJORS[binding] for binding in _QT_BINDING.findall(source)}
    if bindings:
        for module in set(_QT_MODULE.findall(source)):
            yield from (f"Qt{major}{module.decode()}" for majors in bindings for major in majors)


def opened_libraries(source: bytes) -> frozenset[str]:
    """Return the names by which a source opens libraries.

    A name is complete (`libmagic.so.1`), has places (`libggml-{variant}.so`), or is bare (`magic`),
    as ctypes.util.find_library and cffi's dlopen take it; it may be in a variable.
    """
    # `.so` is also in `.source` and `.sort`
    named = mentions(source, b".so") and _ENDS_A_NAME.search(source)
    found = set(_FULL.findall(source)) if named else set()
    if mentions(source, *CALLS):
        for arguments in _CALL.findall(source):
            found.update(LITERAL.findall(arguments))
        for begun in _BEGUN.findall(source):
            stem = (begun[0] or begun[1]).removeprefix(b"lib")
            found.add(b"lib" + stem + b"{}.so{}")
        found.update(names_in_variables(source))
    names = {item.decode("utf-8", "replace") for item in found}
    if mentions(source, b"PyQt", b"PySide", b"qtpy"):
        names.update(_qt_libraries(source))
    names.update(_qt_interfaces(source))
    if mentions(source, b"iconv_open"):  # the C library opens others for it
        names.add("iconv_open")
    return frozenset(names)
