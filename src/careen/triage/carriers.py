"""Distinction of a package's own file from a file that embeds it among other code.

A bundled `libcrypto-fb8d5b21.so.3` is OpenSSL's own. A binary with a version string of zlib only
carries zlib.
"""

import re
from collections.abc import Mapping

from careen.model.packages.package import Ecosystem, Package, Presence
from careen.model.paths import ImagePath

_STEM = re.compile(r"(?:lib)?([a-z][a-z0-9_+]*?)(?:[-.][0-9a-f]{6,}|[-.]?\d|\.so|-|\Z)")
_NOT_A_LETTER = re.compile(r"[^a-z]")

_OWN: Mapping[str, tuple[str, ...]] = {
    "openssl": ("crypto", "ssl"),
    "boringssl": ("crypto", "ssl"),
    "libressl": ("crypto", "ssl", "tls"),
    "ffmpeg": (
        "avcodec",
        "avformat",
        "avutil",
        "avdevice",
        "avfilter",
        "swscale",
        "swresample",
        "postproc",
    ),
    "libjpeg-turbo": ("jpeg", "turbojpeg"),
    "libwebp": ("webp", "webpdemux", "webpmux", "webpdecoder", "sharpyuv"),
    "zlib": ("z",),
    "zlib-ng": ("z",),
    "xz": ("lzma",),
    "zstandard": ("zstd",),
    "openjdk": ("java", "jvm", "jli", "javac"),
    "krb5": ("krb", "gssapi_krb", "k", "com_err", "krbsupport"),
    "icu": ("icudata", "icuuc", "icui"),
    "node": ("node", "nodejs"),
    "protobuf": ("protobuf", "protoc", "upb"),
}
"""File names of libraries that differ from the project's name."""

_TELLING = 5
"""Letters from which on a part of a name identifies a library.

`scipy_openblas` is OpenBLAS, `openjp2` is OpenJPEG.
"""

_WITHIN = frozenset({Ecosystem.GOLANG, Ecosystem.CARGO, Ecosystem.MAVEN})
"""Ecosystems whose embedded packages are always inside another file."""


def carries(path: ImagePath, package: Package) -> bool:
    """Return whether `path` holds an embedded package among other code."""
    if package.ecosystem in _WITHIN:
        return package.presence is Presence.EMBEDDED
    return package.ecosystem is Ecosystem.GENERIC and not _is_own(
        path.rpartition("/")[2].lower(), package.name.lower()
    )


def _is_own(file: str, package: str) -> bool:
    match = _STEM.match(file)
    if match is None:
        return False
    stem = _NOT_A_LETTER.sub("", match.group(1))
    names = {
        _NOT_A_LETTER.sub("", name)
        for name in (*_OWN.get(package, ()), package, package.removeprefix("lib"))
    }
    return stem in names or any(
        min(len(stem), len(name)) >= _TELLING and (stem in name or name in stem) for name in names
    )
