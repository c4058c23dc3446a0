"""Namespaces of GObject introspection that a source asks for."""

import re

from careen.plan.scanners.source import mentions

USERS = (b"gi.repository", b"imports.gi", b"gi://", b"lgi", b"gobject-introspection", b"GirFFI")
_NAME = rb"([A-Z]\w{0,63})"
_FROM = re.compile(
    rb"from[ \t]+gi\.repository[ \t]+import"
    rb"[ \t]*(?:\(([^)]{1,4000})\)|((?:[^\n\\]|\\\r?\n){1,2000}))"
)
_NAMED = re.compile(
    rb"gi\.repository\."
    + _NAME
    + rb"|imports\.gi\.(?:versions\.)?"
    + _NAME
    + rb"|gi://"
    + _NAME
    + rb"|\blgi\."
    + _NAME
    + rb"|require(?:_version|_versions)?[ \t]*\("
    rb"[ \t]*+(?:\{[ \t]*+)?[\"']" + _NAME + rb"[\"']|[\"']" + _NAME + rb"[\"'][ \t]*:[ \t]*[\"']\d"
)
_WORD = re.compile(rb"(?:\A|,)[\s\\]*" + _NAME)
_UNPACKED = re.compile(rb"\{([^{}]{1,400})\}[ \t]*=[ \t]*imports\.gi\b")


def namespaces(source: bytes) -> frozenset[str]:
    """Return the namespaces that a source asks for.

    Examples are `from gi.repository import Gst, GLib`, `gi.require_version("Gst", "1.0")` and
    `imports.gi.Gst`.
    """
    if not mentions(source, *USERS):
        return frozenset()
    found = {
        word for listed in _FROM.findall(source) for text in listed for word in _WORD.findall(text)
    }
    found.update(word for groups in _NAMED.findall(source) for word in groups if word)
    found.update(word for listed in _UNPACKED.findall(source) for word in _WORD.findall(listed))
    return frozenset(item.decode() for item in found)
