"""For each mechanism of the closure, and each family of files that it stands for: a tree in which
it alone keeps a file, and the same tree without it.
"""

import io
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from careen.plan.decide import MECHANISMS, Policy, decide
from careen.plan.explain import explain
from tests.support.plans import Case, Files, elf, package, scene_of, static_program
from tests.support.trees import Exec, Later, Link, SetGid, SetId

pytestmark = pytest.mark.slow

RULES = load_rules()
PY, DEB = Ecosystem.PYPI, Ecosystem.DEB
LIB, SITE = "/usr/lib/python3.11", "/usr/lib/python3.11/site-packages"
GLIBC: Files = {"/lib64/ld-linux-x86-64.so.2": elf()}
STDLIB: Files = {
    f"{LIB}/os.py": "",
    f"{LIB}/encodings/__init__.py": "",
    "/usr/bin/python3.11": elf(),
    "/usr/bin/sh": elf(),
}
RAN = {"/usr/bin/python3.11": Use.EXECUTED}
APP: Mapping[str, object] = {"WorkingDir": "/app"}
CONFIG = "/app/settings.ini"
NODE: Files = {
    "/usr/local/bin/node": elf(),
    "/app/package.json": '{"dependencies": {"a": "1"}}',
    "/app/s.js": "require('a')",
}
NODE_RAN = {"/usr/local/bin/node": Use.EXECUTED, "/app/s.js": Use.OPENED}
SPECIFICATIONS = "/usr/share/jupyter/kernels"
KERNELS: Files = {
    f"{SPECIFICATIONS}/python3/kernel.json": (
        '{"argv": ["python3.11", "-m", "kernel", "-f", "{connection_file}"]}'
    ),
    f"{SPECIFICATIONS}/shell/kernel.json": '{"argv": ["python3.11", "-m", "shells"]}',
}
KERNEL_RAN = {**RAN, f"{SPECIFICATIONS}/python3/kernel.json": Use.OPENED}
JAVA: Files = {"/usr/bin/java": elf(), "/usr/lib/jvm/x/bin/java": elf()}
JAVA_RAN = {"/usr/bin/java": Use.EXECUTED, "/usr/lib/jvm/x/bin/java": Use.EXECUTED}


def dist(name: str, *files: str, **more: object) -> Package:
    return package(
        PY,
        name,
        tuple(f"{SITE}/{item}" for item in files),
        modules=(name.replace("-", "_"),),
        **more,
    )


def installed(name: str, *, requested: bool) -> Package:
    record = f"{SITE}/{name}-1.dist-info"
    metadata = (ImagePath(f"{record}/REQUESTED"),) if requested else ()
    return Package(
        PY,
        name,
        "1",
        f"pkg:pypi/{name}@1",
        ImagePath(f"{record}/RECORD"),
        (ImagePath(f"{SITE}/{name}/__init__.py"), *metadata),
        metadata,
    )


def archive(members: Mapping[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened:
        for name, data in members.items():
            opened.writestr(name, data)
    return out.getvalue()


def starts(command: str) -> bytes:
    """A class with one literal, which uses ProcessBuilder."""
    texts = [b"java/lang/ProcessBuilder", command.encode()]
    constants = (
        b"".join(b"\1" + struct.pack(">H", len(text)) + text for text in texts) + b"\x08\0\2"
    )
    return b"\xca\xfe\xba\xbe\0\0\0\x37" + struct.pack(">H", 4) + constants


def typelib(needed: str, library: str) -> bytes:
    """A type library that needs another, and describes a C library."""
    texts = f"\0{needed}\0{library}\0".encode()
    fields = {36: 61, 52: 61 + len(needed) + 1}
    header = b"GOBJ\nMETADATA\r\n\032" + b"".join(
        fields.get(at, 0).to_bytes(4, "little") for at in range(16, 60, 4)
    )
    return header + texts


@dataclass(frozen=True)
class Row:
    """`kept` stays; it goes as soon as the mechanism (or rule) `off` is switched off."""

    off: str
    files: Files
    used: Mapping[str, Use]
    kept: str
    packages: tuple[Package, ...] = ()
    run: Mapping[str, object] | None = None


def python(off: str, source: str, kept: str, *packages: Package, files: Files | None = None) -> Row:
    """A distribution `a` whose module `x` ran has this source; `kept` is another distribution's."""
    everything: Files = {**STDLIB, f"{SITE}/a/x.py": source, kept: "", **(files or {})}
    return Row(
        off,
        everything,
        {**RAN, f"{SITE}/a/x.py": Use.OPENED},
        kept,
        (dist("a", "a/x.py"), *packages),
    )


def application(
    off: str,
    name: str,
    text: str | bytes,
    kept: str,
    content: bytes | str | None = None,
    run: Mapping[str, object] | None = None,
) -> Row:
    """A file of the application's own names something."""
    return Row(
        off,
        {**STDLIB, name: text, kept: elf() if content is None else content},
        {**RAN, name: Use.OPENED},
        kept,
        (),
        {**APP, **(run or {})},
    )


B = dist("b", "b/y.py")
PYTHON: Mapping[str, Row] = {
    "import inside a function": python(
        "python-distributions", "def f():\n    from b.y import z\n", f"{SITE}/b/y.py", B
    ),
    "settings in capitals": Row(
        "python-distributions",
        {**STDLIB, "/app/x.py": "BAY = {'KEY': 'none'}\n", f"{SITE}/bay/y.py": ""},
        {**RAN, "/app/x.py": Use.OPENED},
        f"{SITE}/bay/y.py",
        (dist("bay", "bay/y.py"),),
        APP,
    ),
    "alternative in an except clause": python(
        "python-distributions",
        "try:\n    import zz\nexcept ImportError: import b as zz\n",
        f"{SITE}/b/y.py",
        B,
    ),
    "import_module with a constant": python(
        "python-distributions", "importlib.import_module('b.y')", f"{SITE}/b/y.py", B
    ),
    "import_module with an f-string": python(
        "python-distributions", 'importlib.import_module(f"b.plugins.{name}")', f"{SITE}/b/y.py", B
    ),
    "data of another distribution": python(
        "python-distributions",
        "from importlib.resources import files\nx = files('b').joinpath('y')\n",
        f"{SITE}/b/y.py",
        B,
    ),
    "lazy import by another function": python(
        "python-distributions", "t = import_optional_dependency('b')", f"{SITE}/b/y.py", B
    ),
    "__getattr__ of a module": python(
        "python-distributions",
        "def __getattr__(name):\n    import b\n    return getattr(b, name)",
        f"{SITE}/b/y.py",
        B,
    ),
    "_import_structure": Row(
        "python-distributions",
        {
            **STDLIB,
            f"{SITE}/b/__init__.py": "_import_structure = {'y': ['Y']}",
            f"{SITE}/b/y.py": "",
        },
        {**RAN, f"{SITE}/b/__init__.py": Use.OPENED},
        f"{SITE}/b/y.py",
        (dist("b", "b/__init__.py", "b/y.py"),),
    ),
    "byte code of what the application imports late": Row(
        "byte-code",
        {
            **STDLIB,
            "/app/x.py": "def f():\n    import b.y\n",
            f"{SITE}/b/y.py": "",
            f"{SITE}/b/__pycache__/y.cpython-311.pyc": "",
        },
        {**RAN, "/app/x.py": Use.OPENED},
        f"{SITE}/b/__pycache__/y.cpython-311.pyc",
        (dist("b", "b/y.py", "b/__pycache__/y.cpython-311.pyc"),),
        APP,
    ),
    "f-string into a test suite": Row(
        "python-distributions",
        {
            **STDLIB,
            f"{SITE}/b/x.py": 'importlib.import_module(f"{__package__}.tests.{name}")',
            f"{SITE}/b/tests/one.py": "",
        },
        {**RAN, f"{SITE}/b/x.py": Use.OPENED},
        f"{SITE}/b/tests/one.py",
        (dist("b", "b/x.py", "b/tests/one.py"),),
    ),
    "entry point of a group that code loads": python(
        "python-distributions",
        'for e in entry_points(group="shop.tills"): e.load()',
        f"{SITE}/b/y.py",
        dist(
            "b",
            "b/y.py",
            "b-1.dist-info/entry_points.txt",
            metadata=(ImagePath(f"{SITE}/b-1.dist-info/entry_points.txt"),),
        ),
        files={f"{SITE}/b-1.dist-info/entry_points.txt": "[shop.tills]\nq = b.y\n"},
    ),
    "data of importlib.resources": Row(
        "python-distributions",
        {**STDLIB, f"{SITE}/b/x.py": "", f"{SITE}/b/data/words.txt": ""},
        {**RAN, f"{SITE}/b/x.py": Use.OPENED},
        f"{SITE}/b/data/words.txt",
        (dist("b", "b/x.py", "b/data/words.txt"),),
    ),
    "namespace package": Row(
        "python-distributions",
        {
            **STDLIB,
            "/app/m.py": "import space.two\n",
            f"{SITE}/space/one/a.py": "",
            f"{SITE}/space/two/a.py": "",
        },
        {**RAN, "/app/m.py": Use.OPENED},
        f"{SITE}/space/two/a.py",
        (
            package(PY, "space-one", (f"{SITE}/space/one/a.py",), modules=("space",)),
            package(PY, "space-two", (f"{SITE}/space/two/a.py",), modules=("space",)),
        ),
        APP,
    ),
    "codecs": Row(
        "python-stdlib",
        {**STDLIB, f"{LIB}/encodings/cp437.py": ""},
        RAN,
        f"{LIB}/encodings/cp437.py",
    ),
    "second Python started by name": Row(
        "python-stdlib",
        {
            **STDLIB,
            "/app/m.py": "subprocess.run(['/srv/conda/bin/python', 'w.py'])",
            "/srv/conda/bin/python": Link("python3.9"),
            "/srv/conda/bin/python3.9": elf(),
            "/srv/conda/lib/python3.9/os.py": "",
            "/srv/conda/lib/python3.9/encodings/__init__.py": "",
            "/srv/conda/lib/python3.9/traceback.py": "",
        },
        {**RAN, "/app/m.py": Use.OPENED},
        "/srv/conda/lib/python3.9/traceback.py",
        (),
        APP,
    ),
    "ctypes.util.find_library": python(
        "foreign-libraries",
        "ctypes.util.find_library('magic')",
        "/usr/lib/libmagic.so.1",
        files={"/usr/lib/libmagic.so.1": elf()},
    ),
    "library whose name is an f-string": python(
        "foreign-libraries",
        'CDLL(f"libkernels-{cpu}.so")',
        "/srv/k/libkernels-skylake.so",
        files={"/srv/k/libkernels-skylake.so": elf()},
    ),
    "name in a compiled module": Row(
        "compiled-modules",
        {
            **STDLIB,
            f"{SITE}/a/fast.cpython-311-x86_64-linux-gnu.so": elf(
                text=b"\0PyImport_ImportModule\0b.y\0"
            ),
            f"{SITE}/b/y.py": "",
        },
        {**RAN, f"{SITE}/a/fast.cpython-311-x86_64-linux-gnu.so": Use.MAPPED},
        f"{SITE}/b/y.py",
        (dist("a", "a/fast.cpython-311-x86_64-linux-gnu.so"), B),
    ),
    "class of a model": Row(
        "packed-modules",
        {
            **STDLIB,
            "/app/model.bin": b"\x80\x04\x8c\x03b.y\x94\x8c\x01C\x94\x93.",
            f"{SITE}/b/y.py": "",
        },
        {**RAN, "/app/model.bin": Use.OPENED},
        f"{SITE}/b/y.py",
        (B,),
    ),
    "code of a model behind a link": Row(
        "linked-sources",
        {
            **STDLIB,
            "/app/model.py": "",
            "/app/hub/snapshots/1/modeling.py": Link("../../blobs/3f2a"),
            "/app/hub/blobs/3f2a": "def f():\n    import b.y\n",
            f"{SITE}/b/y.py": "",
        },
        {**RAN, "/app/model.py": Use.OPENED},
        f"{SITE}/b/y.py",
        (B,),
        APP,
    ),
    "parts of a model behind a link": Row(
        "linked-sources",
        {
            **STDLIB,
            "/app/model.py": "",
            "/app/hub/snapshots/1/modules.json": Link("../../blobs/3f2a"),
            "/app/hub/blobs/3f2a": '[{"type": "b.models.Transformer"}]',
            f"{SITE}/b/y.py": "",
        },
        {**RAN, "/app/model.py": Use.OPENED},
        f"{SITE}/b/y.py",
        (B,),
        APP,
    ),
    "data of a conda package": Row(
        "conda-packages",
        {
            **STDLIB,
            "/opt/conda/lib/python3.11/os.py": "",
            "/opt/conda/lib/python3.11/encodings/__init__.py": "",
            "/opt/conda/lib/libproj.so.25": elf(),
            "/opt/conda/share/proj/proj.db": "",
            "/opt/conda/conda-meta/proj-9-0.json": (
                '{"name": "proj", "files": ["lib/libproj.so.25", "share/proj/proj.db"]}'
            ),
        },
        {**RAN, "/opt/conda/lib/libproj.so.25": Use.MAPPED},
        "/opt/conda/share/proj/proj.db",
    ),
    "type library of a namespace": python(
        "typelibs",
        "def f():\n    from gi.repository import Late\n",
        "/usr/lib/girepository-1.0/Late-1.0.typelib",
    ),
    "library of a type library": python(
        "typelibs",
        "gi.require_version('Late', '1.0')\nfrom gi.repository import Late",
        "/usr/lib/liblate9.so.0",
        files={
            "/usr/lib/girepository-1.0/Late-1.0.typelib": typelib("Other-2.0", "liblate9.so.0"),
            "/usr/lib/liblate9.so.0": elf(),
        },
    ),
    "command of a source in an archive": Row(
        "packed-modules",
        {
            **STDLIB,
            "/app/work.pyz": archive({"work.py": 'subprocess.run(["late9", "-v"])'}),
            "/usr/bin/late9": elf(),
        },
        {**RAN, "/app/work.pyz": Use.OPENED},
        "/usr/bin/late9",
    ),
    "library of a compiled module": Row(
        "elf-and-shebang",
        {
            **STDLIB,
            f"{SITE}/a/x.py": "",
            f"{SITE}/a/fast.abi3.so": elf(("libz9.so",), runpath="$ORIGIN/../a.libs"),
            f"{SITE}/a.libs/libz9.so": elf(),
        },
        {**RAN, f"{SITE}/a/x.py": Use.OPENED},
        f"{SITE}/a.libs/libz9.so",
        (dist("a", "a/x.py", "a/fast.abi3.so"),),
    ),
    ".pth file": Row(
        "python-path-entries",
        {**STDLIB, f"{SITE}/dev.pth": "/src/tool\n", "/src/tool/tool/late.py": ""},
        {**RAN, f"{SITE}/dev.pth": Use.OPENED},
        "/src/tool/tool/late.py",
    ),
    "editable finder": Row(
        "python-path-entries",
        {
            **STDLIB,
            f"{SITE}/__editable___tool_finder.py": "MAPPING = {'tool': '/src/tool'}\n",
            "/src/tool/late.py": "",
        },
        {**RAN, f"{SITE}/__editable___tool_finder.py": Use.OPENED},
        "/src/tool/late.py",
    ),
}

NATIVE: Mapping[str, Row] = {
    "other name of a kept file": Row(
        "symlinks",
        {"/usr/lib/box": elf(), "/usr/bin/old-box": Link("../lib/box")},
        {"/usr/lib/box": Use.EXECUTED},
        "/usr/bin/old-box",
    ),
    "NEEDED": Row(
        "elf-and-shebang",
        {"/x": elf(("liba.so",)), "/usr/lib/liba.so": elf()},
        {"/x": Use.EXECUTED},
        "/usr/lib/liba.so",
    ),
    "RPATH with $ORIGIN": Row(
        "elf-and-shebang",
        {"/o/bin/x": elf(("liba.so",), rpath="$ORIGIN/../l"), "/o/l/liba.so": elf(), "/o/d": ""},
        {"/o/bin/x": Use.OPENED},
        "/o/l/liba.so",
        (package(DEB, "o", ("/o/d",)),),
    ),
    "ld.so.conf order": Row(
        "elf-and-shebang",
        {
            "/x": elf(("liba.so",)),
            "/etc/ld.so.conf": "/one\n/two\n",
            "/one/liba.so": elf(),
            "/two/liba.so": elf(),
        },
        {"/x": Use.EXECUTED},
        "/one/liba.so",
    ),
    "hwcaps directory": Row(
        "elf-and-shebang",
        {
            "/x": elf(("liba.so",)),
            "/usr/lib/glibc-hwcaps/x86-64-v4/liba.so": elf(),
            "/usr/lib/liba.so": elf(),
        },
        {"/x": Use.EXECUTED, "/usr/lib/liba.so": Use.MAPPED},
        "/usr/lib/glibc-hwcaps/x86-64-v4/liba.so",
    ),
    "plain library where the profile took a variant": Row(
        "elf-and-shebang",
        {
            "/x": elf(("liba.so",)),
            "/etc/ld.so.conf": "/new\n",
            "/new/glibc-hwcaps/x86-64-v3/liba.so": elf(),
            "/usr/lib/liba.so": elf(),
        },
        {"/x": Use.EXECUTED, "/new/glibc-hwcaps/x86-64-v3/liba.so": Use.MAPPED},
        "/usr/lib/liba.so",
    ),
    "symbol version that only another copy has": Row(
        "elf-and-shebang",
        {
            "/x": elf(("liba.so",), needs=("liba.so", "A_2")),
            "/usr/lib/liba.so": elf(defines="A_1"),
            "/srv/new/liba.so": elf(defines="A_2"),
        },
        {"/x": Use.EXECUTED},
        "/srv/new/liba.so",
    ),
    "dlopen of a constant": Row(
        "dlopen",
        {"/x": elf(text=b"\0libq.so.2\0"), "/usr/lib/libq.so.2": elf()},
        {"/x": Use.EXECUTED},
        "/usr/lib/libq.so.2",
    ),
    "dlopen of a composed name": Row(
        "dlopen",
        {"/x": elf(text=b"\0%s/libdisp_%s.so.%d\0"), "/usr/lib/libdisp_avx2.so.2": elf()},
        {"/x": Use.EXECUTED},
        "/usr/lib/libdisp_avx2.so.2",
    ),
    "plugins as GDAL has them": Row(
        "plugin-directories",
        {
            "/usr/lib/libformats.so": elf(text=b"\0/usr/lib/formatplugins\0"),
            "/usr/lib/formatplugins/ogr_X.so": elf(),
        },
        {"/usr/lib/libformats.so": Use.MAPPED},
        "/usr/lib/formatplugins/ogr_X.so",
    ),
    "index of plugins that an installation made": Row(
        "generated-files",
        {"/usr/bin/x": elf(), "/usr/lib/draw/core.so": elf(), "/usr/lib/draw/index6": "i"},
        {"/usr/bin/x": Use.EXECUTED},
        "/usr/lib/draw/index6",
        (package(Ecosystem.DEB, "draw", ("/usr/bin/x", "/usr/lib/draw/core.so")),),
    ),
    "driver in a configuration": Row(
        "configured-libraries",
        {
            "/bin/x": elf(),
            "/etc/odbcinst.ini": "[T]\n# Driver = libold.so\nDriver = libtds9.so\n",
            "/usr/lib/libtds9.so": elf(),
        },
        {"/bin/x": Use.EXECUTED, "/etc/odbcinst.ini": Use.OPENED},
        "/usr/lib/libtds9.so",
    ),
    "cuDNN": Row(
        "cudnn-family",
        {"/l/libcudnn.so.9": elf(), "/l/libcudnn_cnn.so.9": elf(), "/l/o": ""},
        {"/l/libcudnn.so.9": Use.LOOKED_UP},
        "/l/libcudnn_cnn.so.9",
    ),
    "NSS": Row(
        "name-service",
        {**GLIBC, "/usr/lib/x86_64-linux-gnu/libnss_compat.so.2": elf()},
        {},
        "/usr/lib/x86_64-linux-gnu/libnss_compat.so.2",
    ),
    "gconv": Row(
        "character-sets",
        {
            **GLIBC,
            "/bin/x": elf(("libc.so.6",), leftovers=("iconv_open",)),
            "/usr/lib/x86_64-linux-gnu/gconv/SJIS.so": elf(),
        },
        {"/bin/x": Use.EXECUTED},
        "/usr/lib/x86_64-linux-gnu/gconv/SJIS.so",
    ),
    "OpenSSL engine": Row(
        "openssl-modules",
        {"/usr/lib/libcrypto.so.3": elf(), "/usr/lib/engines-3/afalg.so": elf()},
        {"/usr/lib/libcrypto.so.3": Use.MAPPED},
        "/usr/lib/engines-3/afalg.so",
    ),
    "OpenSSL provider": Row(
        "openssl-modules",
        {"/usr/lib/libcrypto.so.3": elf(), "/usr/lib/ossl-modules/legacy.so": elf()},
        {"/usr/lib/libcrypto.so.3": Use.MAPPED},
        "/usr/lib/ossl-modules/legacy.so",
    ),
    "glibc locale C": Row(
        "c-utf8-locale",
        {**GLIBC, "/usr/lib/locale/C.utf8/LC_CTYPE": ""},
        {},
        "/usr/lib/locale/C.utf8/LC_CTYPE",
        (package(DEB, "libc-bin", ("/usr/lib/locale/C.utf8/LC_CTYPE",)),),
    ),
    "glibc locale of a variable": Row(
        "locales",
        {**GLIBC, "/usr/lib/locale/de_DE.utf8/LC_TIME": ""},
        {},
        "/usr/lib/locale/de_DE.utf8/LC_TIME",
        (package(DEB, "locales-all", ("/usr/lib/locale/de_DE.utf8/LC_TIME",)),),
        {"Env": ["LANG=de_DE.UTF-8"]},
    ),
    "glibc locale that a report sets": Row(
        "locales",
        {
            **GLIBC,
            "/app/m.py": "locale.setlocale(locale.LC_ALL, 'it_IT.UTF-8')\nLANGUAGES = ['fr_FR']",
            "/usr/lib/locale/it_IT.utf8/LC_TIME": "",
        },
        {"/app/m.py": Use.OPENED},
        "/usr/lib/locale/it_IT.utf8/LC_TIME",
        (package(DEB, "locales-all", ("/usr/lib/locale/it_IT.utf8/LC_TIME",)),),
        APP,
    ),
    "glibc locale that was generated": Row(
        "locales",
        {**GLIBC, "/usr/lib/locale/fr_FR.utf8/LC_TIME": ""},
        {},
        "/usr/lib/locale/fr_FR.utf8/LC_TIME",
    ),
    "messages in the language of a variable": Row(
        "locales",
        {**GLIBC, "/usr/bin/d": elf(), "/usr/share/locale/de/LC_MESSAGES/d.mo": ""},
        {"/usr/bin/d": Use.EXECUTED},
        "/usr/share/locale/de/LC_MESSAGES/d.mo",
        (package(DEB, "d", ("/usr/bin/d", "/usr/share/locale/de/LC_MESSAGES/d.mo")),),
        {"Env": ["LANGUAGE=de:en"]},
    ),
    "PAM": Row(
        "pam",
        {
            "/usr/lib/x86_64-linux-gnu/libpam.so.0": elf(),
            "/usr/lib/x86_64-linux-gnu/security/pam_unix.so": elf(),
        },
        {"/usr/lib/x86_64-linux-gnu/libpam.so.0": Use.MAPPED},
        "/usr/lib/x86_64-linux-gnu/security/pam_unix.so",
    ),
    "GDAL data": Row(
        "gdal-data",
        {"/usr/lib/libgdal.so.32": elf(), "/usr/share/gdal/gcs.csv": ""},
        {"/usr/lib/libgdal.so.32": Use.MAPPED},
        "/usr/share/gdal/gcs.csv",
    ),
    "ICU data": Row(
        "icu-data",
        {"/usr/lib/libicuuc.so.72": elf(), "/usr/lib/libicudata.so.72": elf()},
        {"/usr/lib/libicuuc.so.72": Use.MAPPED},
        "/usr/lib/libicudata.so.72",
    ),
    "OpenBLAS": Row(
        "blas-variants",
        {"/usr/lib/libopenblas.so.0": elf(), "/usr/lib/libopenblasp-r0.so": elf()},
        {"/usr/lib/libopenblas.so.0": Use.MAPPED},
        "/usr/lib/libopenblasp-r0.so",
    ),
    "MKL": Row(
        "blas-variants",
        {"/usr/lib/libmkl_core.so.2": elf(), "/usr/lib/libmkl_avx512.so.2": elf()},
        {"/usr/lib/libmkl_core.so.2": Use.MAPPED},
        "/usr/lib/libmkl_avx512.so.2",
    ),
    "oneDNN": Row(
        "blas-variants",
        {"/usr/lib/libdnnl.so.3": elf(), "/usr/lib/libdnnl_cpu.so.3": elf()},
        {"/usr/lib/libdnnl.so.3": Use.MAPPED},
        "/usr/lib/libdnnl_cpu.so.3",
    ),
    "plugin of a Debian package": Row(
        "package-runtime",
        {"/usr/bin/d": elf(), "/usr/lib/d/plug.dat": ""},
        {"/usr/bin/d": Use.EXECUTED},
        "/usr/lib/d/plug.dat",
        (package(DEB, "d", ("/usr/bin/d", "/usr/lib/d/plug.dat")),),
    ),
    "service of a daemon in its own directory, from another package": Row(
        "plugin-directories",
        {
            "/usr/sbin/posted": elf(text=b"\0/usr/lib/posted\0"),
            "/usr/lib/posted/master": elf(),
            "/usr/lib/posted/lmtp": elf(),
        },
        {"/usr/sbin/posted": Use.EXECUTED},
        "/usr/lib/posted/lmtp",
        (
            package(DEB, "posted", ("/usr/sbin/posted", "/usr/lib/posted/master")),
            package(DEB, "posted-lmtp", ("/usr/lib/posted/lmtp",)),
        ),
    ),
    "plugin of a package of Alpine": Row(
        "package-runtime",
        {"/usr/bin/d": elf(), "/usr/lib/d/plug.dat": ""},
        {"/usr/bin/d": Use.EXECUTED},
        "/usr/lib/d/plug.dat",
        (package(Ecosystem.APK, "d", ("/usr/bin/d", "/usr/lib/d/plug.dat")),),
    ),
    "compiled gem where Debian puts it": Row(
        "ruby-libraries",
        {
            "/usr/bin/ruby3.3": elf(),
            "/usr/lib/x86_64-linux-gnu/ruby/vendor_ruby/3.3.0/late.so": elf(),
        },
        {"/usr/bin/ruby3.3": Use.EXECUTED},
        "/usr/lib/x86_64-linux-gnu/ruby/vendor_ruby/3.3.0/late.so",
    ),
    "module of Perl that nobody packaged": Row(
        "perl-modules",
        {"/usr/bin/perl": elf(), "/usr/local/share/perl/5.40.1/Late.pm": ""},
        {"/usr/bin/perl": Use.EXECUTED},
        "/usr/local/share/perl/5.40.1/Late.pm",
    ),
    "extension of PHP inside a server": Row(
        "php-libraries",
        {"/usr/lib/apache2/modules/libphp8.4.so": elf(), "/usr/share/php/Late.php": ""},
        {"/usr/lib/apache2/modules/libphp8.4.so": Use.MAPPED},
        "/usr/share/php/Late.php",
    ),
    "application of Erlang": Row(
        "erlang-applications",
        {
            "/usr/lib/erlang/erts-15.2/bin/beam.smp": elf(),
            "/usr/lib/erlang/lib/xmerl-2.1/ebin/xmerl.beam": "",
        },
        {"/usr/lib/erlang/erts-15.2/bin/beam.smp": Use.EXECUTED},
        "/usr/lib/erlang/lib/xmerl-2.1/ebin/xmerl.beam",
        (
            package(DEB, "erlang-base", ("/usr/lib/erlang/erts-15.2/bin/beam.smp",)),
            package(DEB, "xmerl", ("/usr/lib/erlang/lib/xmerl-2.1/ebin/xmerl.beam",)),
        ),
    ),
    "module of Lua": Row(
        "lua-modules",
        {"/usr/lib/liblua5.4.so.0": elf(), "/usr/share/lua/5.4/late.lua": ""},
        {"/usr/lib/liblua5.4.so.0": Use.MAPPED},
        "/usr/share/lua/5.4/late.lua",
    ),
    "package of R": Row(
        "r-packages",
        {"/usr/lib/R/bin/exec/R": elf(), "/usr/lib/R/site-library/late/R/late.rdb": ""},
        {"/usr/lib/R/bin/exec/R": Use.EXECUTED},
        "/usr/lib/R/site-library/late/R/late.rdb",
        (
            package(DEB, "r-base-core", ("/usr/lib/R/bin/exec/R",)),
            package(DEB, "r-cran-late", ("/usr/lib/R/site-library/late/R/late.rdb",)),
        ),
    ),
    "package of Tcl": Row(
        "tcl-packages",
        {"/usr/lib/libtcl8.6.so": elf(), "/usr/share/tcltk/late1.0/pkgIndex.tcl": ""},
        {"/usr/lib/libtcl8.6.so": Use.MAPPED},
        "/usr/share/tcltk/late1.0/pkgIndex.tcl",
    ),
    "time zones": Row(
        "rules", {"/usr/share/zoneinfo/Asia/Tokyo": ""}, {}, "/usr/share/zoneinfo/Asia/Tokyo"
    ),
}

SCRIPTS: Mapping[str, Row] = {
    "shebang": Row(
        "elf-and-shebang",
        {"/app/s": Exec(b"#!/opt/awk/bin/awk -f\n"), "/opt/awk/bin/awk": elf()},
        {"/app/s": Use.EXECUTED},
        "/opt/awk/bin/awk",
        (package(DEB, "awk", ("/opt/awk/bin/awk",)),),
    ),
    "env -S": Row(
        "elf-and-shebang",
        {
            "/app/s": Exec(b"#!/usr/bin/env -S -u LANG X=1 ruby -w\n"),
            "/usr/bin/env": elf(),
            "/usr/bin/ruby": elf(),
        },
        {"/app/s": Use.EXECUTED},
        "/usr/bin/ruby",
    ),
    "env -S in one word": Row(
        "elf-and-shebang",
        {
            "/app/s": Exec(b"#!/usr/bin/env -Sruby -w\n"),
            "/usr/bin/env": elf(),
            "/usr/bin/ruby": elf(),
        },
        {"/app/s": Use.EXECUTED},
        "/usr/bin/ruby",
    ),
    "command of an entrypoint script": application(
        "commands",
        "/app/run.sh",
        Exec(b"#!/bin/sh\n[ -z $X ] || pdftotext $X\n"),
        "/usr/bin/pdftotext",
    ),
    "programs that a library checks for together": python(
        "commands",
        "import subprocess\ndef f():\n    check_programs('msguniq', 'msgmerge')\n",
        "/usr/bin/msgmerge",
        files={"/usr/bin/msgmerge": elf()},
    ),
    "program that a variable names": Row(
        "commands",
        {"/usr/bin/chromium": elf()},
        {},
        "/usr/bin/chromium",
        (package(DEB, "chromium", ("/usr/bin/chromium",)),),
        {"Env": ["CHROME_PATH=/usr/bin/chromium"]},
    ),
    "command of a command": Row(
        "commands",
        {
            "/usr/bin/sh": elf(),
            "/usr/bin/report": Exec(b"#!/bin/sh\nexec gnuplot x\n"),
            "/usr/bin/gnuplot": elf(),
        },
        {},
        "/usr/bin/gnuplot",
        (
            package(DEB, "report", ("/usr/bin/report",)),
            package(DEB, "gnuplot", ("/usr/bin/gnuplot",)),
        ),
        {"Healthcheck": {"Test": ["CMD", "report"]}},
    ),
    "mailer of a program": Row(
        "helper-programs",
        {
            "/usr/bin/php": elf(interpreter="/lib/ld.so", text=b"\0/usr/sbin/sendmail -t -i\0"),
            "/usr/sbin/sendmail": Link("../bin/msmtp"),
            "/usr/bin/msmtp": elf(),
        },
        {"/usr/bin/php": Use.EXECUTED},
        "/usr/bin/msmtp",
        (
            package(DEB, "msmtp", ("/usr/bin/msmtp",)),
            package(DEB, "msmtp-mta", ("/usr/sbin/sendmail",)),
        ),
    ),
    "helper of a PAM module": Row(
        "pam-helpers",
        {
            "/usr/bin/crond": elf(("libpam.so.0",)),
            "/etc/pam.d/crond": (
                "auth required pam_rootok.so\n@include common-account\nsession required"
                " pam_other.so\n"
            ),
            "/etc/pam.d/common-account": "account [success=1 default=ignore]\tpam_unix.so\n",
            "/usr/lib/security/pam_unix.so": elf(text=b"\0/usr/sbin/unix_chkpwd\0"),
            "/usr/sbin/unix_chkpwd": SetId(b""),
        },
        {"/usr/bin/crond": Use.EXECUTED},
        "/usr/sbin/unix_chkpwd",
    ),
    "command of a schedule that a package brought": Row(
        "commands",
        {
            "/usr/sbin/cron": elf(),
            "/etc/crontab": "17 * * * * root run-parts /etc/cron.hourly\n",
            "/usr/bin/run-parts": elf(),
        },
        {"/usr/sbin/cron": Use.EXECUTED, "/etc/crontab": Use.OPENED},
        "/usr/bin/run-parts",
        (
            package(DEB, "cron", ("/usr/sbin/cron", "/etc/crontab")),
            package(DEB, "debianutils", ("/usr/bin/run-parts",)),
        ),
    ),
    "program for which the image's builder wrote a configuration": Row(
        "configured-programs",
        {"/usr/sbin/logrotate": elf(), "/etc/logrotate.d/site": Later(b"/var/log/site.log { }")},
        {},
        "/usr/sbin/logrotate",
        (package(DEB, "logrotate", ("/usr/sbin/logrotate",)),),
    ),
    "directory of a program's state": Row(
        "state-directories",
        {"/usr/sbin/logrotate": elf(), "/var/lib/logrotate": None},
        {"/usr/sbin/logrotate": Use.EXECUTED},
        "/var/lib/logrotate",
        (package(DEB, "logrotate", ("/usr/sbin/logrotate",)),),
    ),
    "command line in a configuration": application(
        "configured-commands",
        "/app/service.json",
        '{"thumbnail": ["convert", "-", "-resize", "4x4", "gif:-"]}',
        "/usr/bin/convert",
    ),
    "command of a static program": application(
        "compiled-commands", "/app/server", static_program(b"git"), "/usr/bin/git"
    ),
    "command of a program inside a distribution": Row(
        "compiled-commands",
        {
            **STDLIB,
            f"{SITE}/b/y.py": "",
            f"{SITE}/b/bin/manager": static_program(b"drive"),
            "/usr/bin/drive": elf(),
        },
        {**RAN, f"{SITE}/b/y.py": Use.OPENED},
        "/usr/bin/drive",
        (dist("b", "b/y.py", "b/bin/manager"),),
    ),
    "kernel beside the one that ran": Row(
        "interactive-kernels",
        {**STDLIB, **KERNELS, f"{SITE}/shells/__main__.py": ""},
        KERNEL_RAN,
        f"{SITE}/shells/__main__.py",
        (
            package(
                PY,
                "shells",
                (f"{SITE}/shells/__main__.py", f"{SPECIFICATIONS}/shell/kernel.json"),
                modules=("shells",),
            ),
        ),
    ),
    "distribution that somebody asked for, of a kernel": Row(
        "interactive-kernels",
        {
            **STDLIB,
            **KERNELS,
            f"{SITE}/plots/__init__.py": "",
            f"{SITE}/plots-1.dist-info/REQUESTED": "",
        },
        KERNEL_RAN,
        f"{SITE}/plots/__init__.py",
        (installed("plots", requested=True),),
    ),
    "program that writes animations in a notebook": Row(
        "matplotlib-programs",
        {
            **STDLIB,
            **KERNELS,
            f"{SITE}/matplotlib/__init__.py": 'path = "convert"',
            "/usr/bin/convert": elf(),
        },
        {**KERNEL_RAN, f"{SITE}/matplotlib/__init__.py": Use.OPENED},
        "/usr/bin/convert",
        (dist("matplotlib", "matplotlib/__init__.py"),),
    ),
    "command that people type": Row(
        "interactive-kernels",
        {**STDLIB, **KERNELS, "/usr/bin/seq": elf()},
        KERNEL_RAN,
        "/usr/bin/seq",
        (package(DEB, "coreutils", ("/usr/bin/seq",), essential=True),),
    ),
    "program of a script on PATH": Row(
        "named-paths",
        {
            "/usr/bin/sh": elf(),
            "/usr/local/bin/front": Exec(b"#!/bin/sh\nexec ruby /usr/local/share/door/app.rb\n"),
            "/usr/local/share/door/app.rb": "puts 1",
        },
        {},
        "/usr/local/share/door/app.rb",
    ),
    "command beside a daemon": Row(
        "package-runtime",
        {
            "/usr/sbin/squeezed": elf(),
            "/usr/bin/squeezectl": elf(),
            "/usr/lib/systemd/system/squeezed.service": "",
        },
        {"/usr/sbin/squeezed": Use.EXECUTED},
        "/usr/bin/squeezectl",
        (
            package(
                DEB,
                "squeezed",
                (
                    "/usr/sbin/squeezed",
                    "/usr/bin/squeezectl",
                    "/usr/lib/systemd/system/squeezed.service",
                ),
            ),
        ),
    ),
    "tools of a daemon, of another package of its source": Row(
        "package-runtime",
        {
            "/usr/sbin/served": elf(),
            "/usr/bin/servebench": elf(),
            "/etc/init.d/serve": "",
            "/usr/bin/servepass": elf(),
        },
        {"/usr/sbin/served": Use.EXECUTED},
        "/usr/bin/servebench",
        (
            package(DEB, "serve", ("/etc/init.d/serve",), source="serve@1", depends=("serve-bin",)),
            package(DEB, "serve-bin", ("/usr/sbin/served", "/usr/bin/servepass"), source="serve@1"),
            package(DEB, "serve-utils", ("/usr/bin/servebench",), source="serve@1"),
        ),
    ),
    "tools of a daemon of Fedora, whose program its unit names": Row(
        "package-runtime",
        {
            "/usr/sbin/served": elf(),
            "/usr/bin/servebench": elf(),
            "/usr/lib/systemd/system/serve.service": "[Service]\nExecStart=/usr/sbin/served -f\n",
        },
        {"/usr/sbin/served": Use.EXECUTED},
        "/usr/bin/servebench",
        (
            package(
                Ecosystem.RPM,
                "serve",
                ("/usr/lib/systemd/system/serve.service",),
                source="serve@1",
                depends=("serve-core",),
            ),
            package(Ecosystem.RPM, "serve-core", ("/usr/sbin/served",), source="serve@1"),
            package(Ecosystem.RPM, "serve-tools", ("/usr/bin/servebench",), source="serve@1"),
        ),
    ),
    "helper of a program, in a package of its own": Row(
        "package-runtime",
        {
            "/bin/box": elf(text=b"\0box_helper\0"),
            "/usr/bin/box_helper": elf(),
            "/usr/bin/box_other": elf(),
        },
        {"/bin/box": Use.EXECUTED},
        "/usr/bin/box_helper",
        (
            package(Ecosystem.APK, "box", ("/bin/box",), source="box@1"),
            package(Ecosystem.APK, "box-helper", ("/usr/bin/box_helper",), source="box@1"),
            package(Ecosystem.APK, "box-other", ("/usr/bin/box_other",), source="box@1"),
        ),
    ),
    "private program of a package, which its library names": Row(
        "package-runtime",
        {
            "/bin/x": elf(("libglow.so.1",)),
            "/usr/lib/libglow.so.1": elf(text=b"\0glow-launch\0"),
            "/usr/lib/glow/glow-launch": elf(),
        },
        {"/bin/x": Use.EXECUTED},
        "/usr/lib/glow/glow-launch",
        (package(DEB, "glow", ("/usr/lib/libglow.so.1", "/usr/lib/glow/glow-launch")),),
    ),
    "configuration of a package that has no program": Row(
        "package-runtime",
        {
            "/etc/tables/root": "",
            "/usr/share/layout/tables": Link("../../../etc/tables"),
            "/usr/share/layout/none": "",
        },
        {"/usr/share/layout/tables": Use.LISTED},
        "/etc/tables/root",
        (
            package(
                Ecosystem.APK,
                "layout",
                ("/etc/tables/root", "/usr/share/layout/tables", "/usr/share/layout/none"),
            ),
        ),
    ),
    "format that an installation made": Row(
        "generated-files",
        {"/usr/bin/set": elf(), "/var/lib/forms/set/plain.fmt": "", "/etc/forms.conf": ""},
        {"/usr/bin/set": Use.EXECUTED},
        "/var/lib/forms/set/plain.fmt",
        (
            package(DEB, "set", ("/usr/bin/set",)),
            package(DEB, "forms", ("/usr/sbin/update-forms", "/etc/forms.conf")),
        ),
    ),
    "an engine that adds to the tree of the program that depends on it": Row(
        "package-runtime",
        {
            "/usr/bin/solver": elf(),
            "/usr/share/solver/std/base.lib": "",
            "/usr/share/solver/engines/fast.json": '{"executable": "../../../bin/fast-engine"}',
            "/usr/bin/fast-engine": elf(),
            "/usr/bin/fast-view": elf(),
        },
        {"/usr/bin/solver": Use.EXECUTED},
        "/usr/bin/fast-engine",
        (
            package(
                DEB,
                "solver",
                ("/usr/bin/solver", "/usr/share/solver/std/base.lib"),
                depends=("engine|fast-engine",),
            ),
            package(
                DEB,
                "fast-engine",
                (
                    "/usr/bin/fast-engine",
                    "/usr/bin/fast-view",
                    "/usr/share/solver/engines/fast.json",
                ),
                provides=("engine",),
            ),
        ),
    ),
    "styles that add to a typesetter's tree": Row(
        "package-runtime",
        {
            "/usr/bin/set": elf(),
            "/usr/share/setter/base.sty": "",
            "/usr/share/setter/more.sty": "",
            "/usr/bin/thumbs": Exec(b"#!/bin/sh\n"),
        },
        {"/usr/bin/set": Use.EXECUTED},
        "/usr/share/setter/more.sty",
        (
            package(DEB, "set", ("/usr/bin/set", "/usr/share/setter/base.sty")),
            replace(
                package(DEB, "set-more", ("/usr/share/setter/more.sty", "/usr/bin/thumbs")),
                depends=("set",),
            ),
        ),
    ),
    "helper with its group's rights": Row(
        "package-runtime",
        {"/usr/sbin/post": elf(text=b"\0%s/postdrop -r\0"), "/usr/sbin/postdrop": SetGid(elf())},
        {"/usr/sbin/post": Use.EXECUTED},
        "/usr/sbin/postdrop",
        (package(DEB, "post", ("/usr/sbin/post", "/usr/sbin/postdrop")),),
    ),
    "package of a command that is a link": Row(
        "package-runtime",
        {
            "/usr/bin/set": elf(),
            "/usr/bin/latex": Link("set"),
            "/usr/share/latex/base.sty": "",
            "/app/main.sh": Exec(b"#!/bin/sh\nlatex x\n"),
        },
        {"/app/main.sh": Use.EXECUTED},
        "/usr/share/latex/base.sty",
        (
            package(DEB, "set", ("/usr/bin/set",)),
            package(DEB, "latex", ("/usr/bin/latex", "/usr/share/latex/base.sty")),
        ),
        APP,
    ),
    "link below /var to a directory": Row(
        "state-directories",
        {"/bin/box": elf(), "/etc/tables/root": "", "/var/spool/tables": Link("/etc/tables")},
        {"/bin/box": Use.EXECUTED},
        "/var/spool/tables",
        (package(Ecosystem.APK, "layout", ("/etc/tables/root", "/var/spool/tables")),),
    ),
    "control command in Ruby beside a service": Row(
        "script-commands",
        {
            "/usr/bin/ruby3.3": elf(),
            "/usr/bin/squall": Exec(b"#!/usr/bin/ruby3.3\n"),
            "/usr/bin/squallctl": Exec(b"#!/usr/bin/env -S ruby3.3 -w\n"),
        },
        {"/usr/bin/ruby3.3": Use.EXECUTED, "/usr/bin/squall": Use.OPENED},
        "/usr/bin/squallctl",
        (package(DEB, "squall", ("/usr/bin/squall", "/usr/bin/squallctl")),),
    ),
    "program beside a wrapper": Row(
        "script-neighbours",
        {
            "/usr/lib/suite/program/start": Exec(
                b'#!/bin/sh\nhere=$(pwd)\nexec "$here/start-bin" "$@"\n'
            ),
            "/usr/lib/suite/program/start-bin": elf(),
        },
        {"/usr/lib/suite/program/start": Use.EXECUTED},
        "/usr/lib/suite/program/start-bin",
        (
            package(DEB, "suite", ("/usr/lib/suite/program/start",)),
            package(DEB, "suite-core", ("/usr/lib/suite/program/start-bin",)),
        ),
    ),
    "data beside a wrapper's directory": Row(
        "script-neighbours",
        {
            "/opt/tool/bin/tool": Exec(b'#!/bin/bash\ncat "$(dirname "$0")"/../etc/tool.conf\n'),
            "/opt/tool/etc/tool.conf": "",
        },
        {"/opt/tool/bin/tool": Use.EXECUTED},
        "/opt/tool/etc/tool.conf",
        (
            package(DEB, "tool", ("/opt/tool/bin/tool",)),
            package(DEB, "tool-data", ("/opt/tool/etc/tool.conf",)),
        ),
    ),
    "program with a number that a script works out": Row(
        "script-neighbours",
        {
            "/usr/bin/topdf": Exec(b'#!/bin/sh\nversion=14\nexec "topdf$version" "$@"\n'),
            "/usr/bin/topdf14": Exec(b"#!/bin/sh\n"),
        },
        {"/usr/bin/topdf": Use.EXECUTED},
        "/usr/bin/topdf14",
        (
            package(DEB, "topdf", ("/usr/bin/topdf",)),
            package(DEB, "topdf-wrappers", ("/usr/bin/topdf14",)),
        ),
    ),
    "component of a suite beside its program": Row(
        "package-runtime",
        {
            "/usr/lib/suite/program/start": elf(),
            "/usr/lib/suite/program/libwriter.so": elf(),
            "/usr/lib/suite/share/registry/writer.xcd": "",
        },
        {"/usr/lib/suite/program/start": Use.EXECUTED},
        "/usr/lib/suite/share/registry/writer.xcd",
        (
            package(DEB, "suite-core", ("/usr/lib/suite/program/start",), source="suite@1"),
            package(
                DEB,
                "suite-writer",
                ("/usr/lib/suite/program/libwriter.so", "/usr/lib/suite/share/registry/writer.xcd"),
                source="suite@1",
            ),
        ),
    ),
    "data in a package of its own": Row(
        "package-runtime",
        {
            "/usr/bin/doc": elf(),
            "/usr/share/doc-data/page.html": "",
            "/usr/share/doc-more/style.css": "",
        },
        {"/usr/bin/doc": Use.EXECUTED},
        "/usr/share/doc-more/style.css",
        (
            replace(package(DEB, "doc", ("/usr/bin/doc",)), depends=("doc-data",)),
            replace(
                package(DEB, "doc-data", ("/usr/share/doc-data/page.html",)), depends=("doc-more",)
            ),
            package(DEB, "doc-more", ("/usr/share/doc-more/style.css",)),
        ),
    ),
    "sourced file": Row(
        "shell-sources",
        {
            "/usr/bin/run": Exec(b"#!/bin/sh\nif x; then . /usr/share/conf/functions; fi\n"),
            "/usr/share/conf/functions": "f() { :; }",
        },
        {"/usr/bin/run": Use.EXECUTED},
        "/usr/share/conf/functions",
        (
            package(DEB, "run", ("/usr/bin/run",)),
            package(DEB, "conf", ("/usr/share/conf/functions",)),
        ),
    ),
    "sourced file beside the script": Row(
        "shell-sources",
        {
            "/usr/share/tool/tool": Exec(b'#!/bin/bash\nsource "${HERE}lib.bash"\n'),
            "/usr/share/tool/lib.bash": "",
        },
        {"/usr/share/tool/tool": Use.EXECUTED},
        "/usr/share/tool/lib.bash",
        (package(DEB, "tool-common", ("/usr/share/tool/lib.bash",)),),
    ),
    "Python in a here-document": Row(
        "python-distributions",
        {**STDLIB, "/app/run.sh": "python3 - <<'EOF'\nimport b.y\nEOF\n", f"{SITE}/b/y.py": ""},
        {**RAN, "/app/run.sh": Use.OPENED},
        f"{SITE}/b/y.py",
        (B,),
        APP,
    ),
    "Python on a command line in a script": Row(
        "python-distributions",
        {**STDLIB, "/app/run.sh": 'python3 -c "import b.y; b.y.go()"\n', f"{SITE}/b/y.py": ""},
        {**RAN, "/app/run.sh": Use.OPENED},
        f"{SITE}/b/y.py",
        (B,),
        APP,
    ),
    "template of the application": application(
        "application", "/app/main.py", "", "/app/templates/x.html", ""
    ),
    "tree around a library that a source opens": Row(
        "application",
        {
            **STDLIB,
            "/app/main.py": "def f():\n    ctypes.CDLL('libdrive.so')\n",
            "/opt/drive/lib/libdrive.so": elf(),
            "/opt/drive/lib/plugins.xml": "",
        },
        {**RAN, "/app/main.py": Use.OPENED},
        "/opt/drive/lib/plugins.xml",
        (),
        {**APP, "Env": ["LD_LIBRARY_PATH=/opt/drive/lib"]},
    ),
    "file in a shared directory whose name a value completes": application(
        "named-paths",
        "/app/main.py",
        "voice = open(f'/opt/voice-{language}.bin')\n",
        "/opt/voice-de.bin",
        "",
    ),
    "file in a shared directory that a pattern finds": application(
        "named-paths",
        "/app/main.py",
        "load(glob('/usr/local/lib/fast*.bin')[0])\n",
        "/usr/local/lib/fast-avx512.bin",
    ),
    "data of a program that was installed without a package": Row(
        "application",
        {
            **STDLIB,
            "/app/main.py": "def f():\n    subprocess.run(['conv', '-x'])\n",
            "/usr/local/bin/conv": elf(text=b"\0/usr/local\0share\0"),
            "/usr/local/share/conv/rules.bin": "",
        },
        {**RAN, "/app/main.py": Use.OPENED},
        "/usr/local/share/conv/rules.bin",
        (),
        APP,
    ),
    "distribution that was asked for, and a variable may choose at run time": Row(
        "python-distributions",
        {
            **STDLIB,
            "/app/main.py": "importlib.import_module(os.environ['ENGINE'])\n",
            f"{SITE}/engine/__init__.py": "",
            f"{SITE}/engine-1.dist-info/REQUESTED": "",
        },
        {**RAN, "/app/main.py": Use.OPENED},
        f"{SITE}/engine/__init__.py",
        (installed("engine", requested=True),),
        APP,
    ),
    "relative path that leads out of the application's tree": Row(
        "named-paths",
        {
            **STDLIB,
            "/srv/shop/main.py": "MODEL = '../models/till.bin'\n",
            "/srv/models/till.bin": "",
        },
        {**RAN, "/srv/shop/main.py": Use.OPENED},
        "/srv/models/till.bin",
        (),
        {"WorkingDir": "/srv/shop"},
    ),
    "home of the account that a script changes to": Row(
        "named-paths",
        {
            **STDLIB,
            "/etc/passwd": "root:x:0:0::/root:/bin/sh\nshop:x:9:9::/home/shop:/bin/sh\n",
            "/app/start.sh": "#!/bin/sh\nexec gosu shop python3.11 main.py\n",
            "/home/shop/.cache/till.bin": "",
        },
        {**RAN, "/app/start.sh": Use.OPENED},
        "/home/shop/.cache/till.bin",
        (),
        APP,
    ),
    "path in a configuration": application(
        "named-paths", CONFIG, "page = /srv/pages/down.html\n", "/srv/pages/down.html", ""
    ),
    "data of a package that a source names": application(
        "named-paths",
        "/app/main.py",
        "FONT = '/usr/share/glyphs/a.ttf'\n",
        "/usr/share/glyphs/a.ttf",
        "",
    ),
    "data of a package that a compiled module names": Row(
        "data-paths",
        {
            **STDLIB,
            f"{SITE}/b/y.so": elf(text=b"\0/usr/share/glyphs/\0"),
            "/usr/share/glyphs/deep/a.ttf": "",
        },
        {**RAN, f"{SITE}/b/y.so": Use.MAPPED},
        "/usr/share/glyphs/deep/a.ttf",
        (dist("b", "b/y.so"), package(DEB, "glyphs", ("/usr/share/glyphs/deep/a.ttf",))),
    ),
    "stubs of the standard library for completion": Row(
        "stubs-that-are-read",
        {
            **STDLIB,
            f"{SITE}/jedi/__init__.py": "",
            f"{SITE}/jedi/third_party/typeshed/stdlib/3/os.pyi": "",
        },
        {**RAN, f"{SITE}/jedi/__init__.py": Use.OPENED},
        f"{SITE}/jedi/third_party/typeshed/stdlib/3/os.pyi",
        (dist("jedi", "jedi/__init__.py", "jedi/third_party/typeshed/stdlib/3/os.pyi"),),
    ),
    "stubs of a type checker in another language": Row(
        "stubs-that-are-read",
        {
            **STDLIB,
            f"{SITE}/checker/dist/typeshed-fallback/stdlib/VERSIONS": "os: 3.0-",
            f"{SITE}/checker/dist/typeshed-fallback/stdlib/os.pyi": "",
        },
        {**RAN, f"{SITE}/checker/dist/typeshed-fallback/stdlib/VERSIONS": Use.OPENED},
        f"{SITE}/checker/dist/typeshed-fallback/stdlib/os.pyi",
        (
            dist(
                "checker",
                "checker/dist/typeshed-fallback/stdlib/VERSIONS",
                "checker/dist/typeshed-fallback/stdlib/os.pyi",
            ),
        ),
    ),
    "require of a package that the profile did not load": Row(
        "node-packages",
        {
            **NODE,
            "/app/node_modules/a/package.json": "{}",
            "/app/node_modules/a/i.js": "",
            "/app/node_modules/b/package.json": "{}",
        },
        NODE_RAN,
        "/app/node_modules/a/i.js",
        (),
        APP,
    ),
    "Class-Path of a manifest": Row(
        "java-class-path",
        {
            **JAVA,
            "/app/a.jar": archive({"META-INF/MANIFEST.MF": "Class-Path: ../srv/late/b.jar\r\n"}),
            "/srv/late/b.jar": archive({"META-INF/services/x.Y": "b.Z"}),
        },
        {**JAVA_RAN, "/app/a.jar": Use.OPENED},
        "/srv/late/b.jar",
        (),
        APP,
    ),
    "wildcard of -cp": Row(
        "java-class-path",
        {**JAVA, "/srv/b.jar": archive({"b/Z.class": b""})},
        JAVA_RAN,
        "/srv/b.jar",
        (),
        {"Cmd": ["java", "-cp", "/srv/a.jar:/srv/*", "Main"]},
    ),
    "argument file": Row(
        "java-class-path",
        {
            **JAVA,
            "/srv/conf/java.args": '-cp "/srv/late/b.jar"\nMain\n',
            "/srv/late/b.jar": archive({}),
        },
        JAVA_RAN,
        "/srv/late/b.jar",
        (),
        {"Cmd": ["java", "@/srv/conf/java.args"]},
    ),
    "command in a jar within a jar": application(
        "commands",
        "/app/fat.jar",
        archive({"BOOT-INF/lib/x.jar": archive({"X.class": starts("pdftotext")})}),
        "/usr/bin/pdftotext",
    ),
}
ROWS: Mapping[str, Row] = {**PYTHON, **NATIVE, **SCRIPTS}


def inputs(row: Row) -> Case:
    return Case(
        row.files, row.used, (row.kept,), packages=row.packages, run=row.run or {}, rules=RULES
    )


def plan_of(case: Case, *without: str) -> Plan:
    rootfs, inventory, bom, config = scene_of(case)
    return decide(
        rootfs,
        inventory,
        bom,
        config,
        Policy(Level.CLOSURE, (), (), RULES, "a" * 64),
        without=frozenset(without),
    )


@pytest.mark.parametrize("name", ROWS)
def test_a_file_stays_by_one_mechanism_alone(name: str) -> None:
    row = ROWS[name]
    path = ImagePath(row.kept)
    assert path in plan_of(inputs(row)).keep
    assert path in plan_of(inputs(row), row.off).remove


@pytest.mark.parametrize("name", ROWS)
def test_why_leads_from_the_file_to_where_it_all_begins(name: str) -> None:
    """A chain ends at an observation, the image's configuration, or at a rule, a locale or a
    command that needs no path to follow from.
    """
    case = inputs(ROWS[name])
    rootfs, inventory, bom, _ = scene_of(case)
    last = explain(plan_of(case), rootfs, inventory, bom, ImagePath(ROWS[name].kept)).chain[-1]
    assert last.reason.code.partition(":")[0] in (
        "observed",
        "application",
        "rule",
        "command",
        "locale",
        "java-class-path",
        "named-path",
        "own-script",
        "own-program",
        "state-directory",
        "state-file",
    )
    assert last.reason.detail


def test_every_mechanism_has_a_row() -> None:
    assert {mechanism.id for mechanism in MECHANISMS} - {row.off for row in ROWS.values()} == set()


def test_a_mechanism_that_is_off_gives_no_reason() -> None:
    for name, row in ROWS.items():
        assert row.off not in {rule.id for rule in RULES.rules} or f"rule:{row.off}" not in {
            reason.code for reason in plan_of(inputs(row), row.off).keep.values()
        }, name
