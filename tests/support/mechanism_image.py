"""One image with a cold path for each mechanism of the closure, made of this machine's shell and
Python and of a few small C programs. Its first process takes the warm paths only; `COLD` says which
command takes each cold one.
"""

import io
import os
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from careen.tools import process
from tests.support.images import Item, directory, docker_archive, file, layer, symlink

PYTHON = f"python{sys.version_info[0]}.{sys.version_info[1]}"
_DEBIAN = (
    "deb_system" in sysconfig.get_scheme_names()
)  # its own Python looks for distributions elsewhere
SITE = f"usr/local/lib/{PYTHON}/{'dist' if _DEBIAN else 'site'}-packages"
WORKS = "cold works"
_FOLDERS = (
    "encodings",
    "collections",
    "importlib",
    "re",
    "ctypes",
    "zoneinfo",
    "sysconfig",
    "pathlib",
    "lib-dynload",
)
_EXTENSIONS = ("_ctypes", "_struct", "_zoneinfo", "_bisect", "_datetime", "math", "zlib")
_OPENER = r"""
#include <dlfcn.h>
#include <stdio.h>
int main(int count, char **words) {
    char name[512];
    if (count < 2) { puts("warm"); return 0; }
    snprintf(name, sizeof name, PATTERN, DIRECTORY words[1]);
    if (!dlopen(name, RTLD_NOW)) { puts(dlerror()); return 3; }
    puts("cold works");
    return 0;
}
"""
_EXTENSION = r"""
extern void *PyModule_Create2(void *, int);
extern void *PyImport_ImportModule(const char *);
struct method { const char *name; void *call; int flags; const char *doc; };
struct module { long count; void *type, *init; long index; void *copy; const char *name, *doc; long size; void *methods, *slots, *traverse, *clear, *free; };
static void *go(void *self, void *arguments) { return PyImport_ImportModule("hiddendist.late"); }
static struct method methods[] = {{"go", go, 4, 0}, {0}};
static struct module definition = {1, 0, 0, 0, 0, "compiledext", 0, -1, methods};
void *PyInit_compiledext(void) { return PyModule_Create2(&definition, 1013); }
"""
_MAIN = """
import sys

def foreign():
    import ctypes
    ctypes.CDLL("libforeign9.so.7")

def lazy():
    import lazydist.late

def compiled():
    compiledext.go()

def configured():
    import ctypes
    for line in open("/app/drivers.ini"):
        ctypes.CDLL(line.partition("=")[2].strip())

def fallback():
    print(open(open("/app/settings.ini").read().partition("=")[2].strip()).read())

def template():
    print(open(__file__.replace("main.py", "templates/late.txt")).read())

def zone():
    import zoneinfo
    zoneinfo.ZoneInfo.from_file(open(zoneinfo._tzpath.find_tzfile("Asia/Late"), "rb"))

def language():
    import locale
    locale.setlocale(locale.LC_CTYPE, "de_" + "DE.UTF-8")

if __name__ == "__main__":
    import compiledext
    if sys.argv[1] == "warm":
        print("warm")
    else:
        globals()[sys.argv[1]]()
        print("cold works")
"""
_WARM = f"""#!/bin/sh
set -e
{PYTHON} /app/main.py warm
/usr/lib/box9/run
/app/bin/opensconstant
/app/bin/openspart
opensplugin
report9
beside9
draws9
sources9
/app/run.sh warm
"""
_DRAWER = r"""
#include <stdio.h>
int main(int count, char **words) {
    char path[99];
    FILE *found;
    sprintf(path, "%s/late.txt", "/usr/share/glyphs9");
    if (count < 2)
        return puts("warm") < 0;
    if ((found = fopen(path, "r")) == NULL) {
        perror(path);
        return 1;
    }
    puts("cold works");
    return 0;
}
"""
_RUN = """#!/bin/sh
case "$1" in
    command) tool9 ;;
    warm) echo warm ;;
esac
"""
_SOURCES = (
    '#!/bin/sh\nif [ "$1" = late ]; then . /usr/share/functions9/late.sh; late9; else echo warm;'
    " fi\n"
)
_REPORT = (
    '#!/bin/sh\nif [ "$1" = late ]; then read line < /usr/share/report9/late.txt && echo "$line";'
    " else echo warm; fi\n"
)
_BESIDE = _REPORT.replace("/usr/share/report9/late.txt", '"${0%/*}/../lib/beside9/late.txt"')
COLD: Mapping[str, tuple[str, str]] = {
    "symlinks": ("oldname9", "oldname9: not found"),
    "elf-and-shebang": ("/app/bin/needs", "libneeded9.so: cannot open shared object file"),
    "dlopen": (
        "/app/bin/opensconstant x && /app/bin/openspart late",
        "cannot open shared object file",
    ),
    "plugin-directories": ("opensplugin late", "cannot open shared object file"),
    "configured-libraries": (
        f"{PYTHON} /app/main.py configured",
        "libdriver9.so: cannot open shared object file",
    ),
    "foreign-libraries": (
        f"{PYTHON} /app/main.py foreign",
        "libforeign9.so.7: cannot open shared object file",
    ),
    "python-stdlib": (
        f"{PYTHON} -c 'import colorsys; print(\"{WORKS}\")'",
        "ModuleNotFoundError: No module named",
    ),
    "python-distributions": (f"{PYTHON} /app/main.py lazy", "No module named 'lazydist'"),
    "compiled-modules": (f"{PYTHON} /app/main.py compiled", "No module named 'hiddendist'"),
    "packed-modules": (f"{PYTHON} /app/packed.pyz", "No such file or directory"),
    "python-path-entries": (
        f"{PYTHON} -c 'import devlate; print(\"{WORKS}\")'",
        "No module named 'devlate'",
    ),
    "package-runtime": ("report9 late", "late.txt: No such file"),
    "script-neighbours": ("beside9 late", "late.txt: No such file"),
    "script-commands": ("report9ctl", "report9ctl: not found"),
    "application": (
        f"{PYTHON} /app/main.py template",
        "No such file or directory: '/app/templates/late.txt'",
    ),
    "named-paths": (
        f"{PYTHON} /app/main.py fallback",
        "No such file or directory: '/srv/pages/late.html'",
    ),
    "data-paths": ("draws9 late", "/usr/share/glyphs9/late.txt: No such file"),
    "shell-sources": ("sources9 late", "/usr/share/functions9/late.sh"),
    "commands": ("/app/run.sh command", "tool9: not found"),
    "locales": (f"{PYTHON} /app/main.py language", "unsupported locale setting"),
    "time-zones": (f"{PYTHON} /app/main.py zone", "not NoneType"),
}
"""By what is switched off: the cold command, which prints `cold works`, and what it says without.
"""
_DEBS: Mapping[str, tuple[str, ...]] = {
    "needed9": ("/usr/lib/libneeded9.so",),
    "constant9": ("/usr/lib/libconstant9.so.1",),
    "part9": ("/usr/lib/libpart9_late.so",),
    "plugin9": ("/usr/bin/opensplugin",),
    "plugins9": ("/usr/lib/plugins9.d/late.so",),
    "driver9": ("/usr/lib/libdriver9.so",),
    "foreign9": ("/usr/lib/libforeign9.so.7",),
    "report9": ("/usr/bin/report9", "/usr/bin/report9ctl", "/usr/share/report9/late.txt"),
    "beside9": ("/usr/bin/beside9",),
    "beside9-data": ("/usr/lib/beside9/late.txt",),
    "glyphs9": ("/usr/share/glyphs9/late.txt",),
    "sources9": ("/usr/bin/sources9",),
    "functions9": ("/usr/share/functions9/late.sh",),
    "tool9": ("/usr/bin/tool9",),
    "packed9": ("/usr/bin/packed9",),
}
_DISTS: Mapping[str, Mapping[str, str]] = {
    "lazydist": {"lazydist/__init__.py": "", "lazydist/late.py": ""},
    "hiddendist": {"hiddendist/__init__.py": "", "hiddendist/late.py": ""},
    "compiledext": {"compiledext.abi3.so": ""},
}


@dataclass(frozen=True, slots=True)
class _File:
    data: bytes
    mode: int = 0o644


def build_image(path: Path, scratch: Path) -> Path:
    """Write the image as a docker archive."""
    files = {
        **_system(),
        **_programs(scratch),
        **_application(),
        **_distributions(scratch),
        **_database(),
    }
    folders = {parent for name in files for parent in _above(name)} | {
        "usr/bin",
        "tmp",
        "proc",
        "sys",
        "dev",
        "src",
        "root",
    }
    items: list[Item] = [
        directory(name, 0o1777 if name == "tmp" else 0o755) for name in sorted(folders)
    ]
    items += [file(name, content.data, content.mode) for name, content in sorted(files.items())]
    items += [symlink("usr/bin/oldname9", "../lib/box9/run")]
    config = {
        "config": {
            "Entrypoint": ["/bin/sh", "/app/warm.sh"],
            "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE=1"],
            "WorkingDir": "/app",
        }
    }
    return docker_archive(path, [layer(*items)], (), config)


def _above(name: str) -> Iterator[str]:
    parts = name.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts)))


def _system() -> dict[str, _File]:
    """The machine's shell and Python, what they load, and a locale that localedef could have
    made.
    """
    home = Path(sysconfig.get_path("stdlib"))
    files = {
        "bin/sh": Path("/bin/sh").resolve(),
        f"usr/local/bin/{PYTHON}": Path(sys.executable).resolve(),
        **{
            f"usr/lib/locale/de_DE.utf8/{item.relative_to(_LOCALE)}": item
            for item in _LOCALE.rglob("*")
            if item.is_file()
        },
    }
    for found in (
        item
        for pattern in ("*.py", *(f"{folder}/**/*" for folder in _FOLDERS))
        for item in home.glob(pattern)
    ):
        wanted = found.parent.name != "lib-dynload" or found.name.partition(".")[0] in _EXTENSIONS
        if (
            found.is_file()
            and wanted
            and "__pycache__" not in found.parts
            and "test" not in found.parts
        ):
            files[f"usr/local/lib/{PYTHON}/{found.relative_to(home)}"] = found
    files.update(
        _libraries(
            [item for item in files.values() if os.access(item, os.X_OK) or ".so" in item.name]
        )
    )
    return {
        name: _File(found.read_bytes(), 0o755 if os.access(found, os.X_OK) else 0o644)
        for name, found in files.items()
    }


_LOCALE = Path("/usr/lib/locale/C.utf8")


def _libraries(programs: list[Path]) -> Iterator[tuple[str, Path]]:
    """What the loader of this machine finds for programs; from elsewhere than the system's
    directories it goes to /usr/lib.
    """
    done = process.run(("ldd", *map(str, programs)), timeout=60)
    for line in done.stdout.decode().splitlines():
        words = line.split()
        where = next(
            (word for word in words if word.startswith("/") and not word.endswith(":")), ""
        )
        if where and ("=>" in words or "ld-" in where):
            name = (
                where if where.startswith(("/lib", "/usr/lib")) else f"/usr/lib/{Path(where).name}"
            )
            yield name[1:], Path(where).resolve()


def _compiled(scratch: Path, source: str, *options: str) -> bytes:
    code, out = scratch / "source.c", scratch / "out"
    code.write_text(source)
    subprocess.check_call(["gcc", "-O1", "-s", "-w", *options, "-o", str(out), str(code), "-ldl"])
    return out.read_bytes()


def _programs(scratch: Path) -> dict[str, _File]:
    library = _compiled(scratch, "int answer(void) { return 0; }", "-shared", "-fPIC")
    (scratch / "libneeded9.so").write_bytes(
        _compiled(
            scratch,
            "int answer(void) { return 0; }",
            "-shared",
            "-fPIC",
            "-Wl,-soname,libneeded9.so",
        )
    )
    needs = (
        '#include <stdio.h>\nint answer(void);\nint main(void) { puts("cold works"); return'
        " answer(); }"
    )
    (scratch / "needs.c").write_text(needs)
    subprocess.check_call(
        [
            "gcc",
            "-o",
            str(scratch / "needs"),
            str(scratch / "needs.c"),
            f"-L{scratch}",
            "-Wl,--no-as-needed",
            "-lneeded9",
        ]
    )
    opener = {
        "app/bin/opensconstant": ('-DPATTERN="libconstant9.so.1"', "-DDIRECTORY="),
        "app/bin/openspart": ('-DPATTERN="libpart9_%s.so"', "-DDIRECTORY="),
        "usr/bin/opensplugin": ('-DPATTERN="%s/%s.so"', '-DDIRECTORY="/usr/lib/plugins9.d",'),
    }
    files = {
        name: _File(_compiled(scratch, _OPENER, *options), 0o755)
        for name, options in opener.items()
    }
    files |= {
        name: _File(library)
        for name in (
            "usr/lib/libconstant9.so.1",
            "usr/lib/libpart9_late.so",
            "usr/lib/plugins9.d/late.so",
            "usr/lib/libdriver9.so",
            "usr/lib/libforeign9.so.7",
        )
    }
    box = _compiled(
        scratch,
        '#include <stdio.h>\nint main(int count, char **words) { puts("cold works"); return 0; }',
    )
    return {
        **files,
        "usr/lib/libneeded9.so": _File((scratch / "libneeded9.so").read_bytes()),
        "app/bin/needs": _File((scratch / "needs").read_bytes(), 0o755),
        "usr/lib/box9/run": _File(box, 0o755),
        "usr/local/bin/draws9": _File(_compiled(scratch, _DRAWER), 0o755),
    }


def _application() -> dict[str, _File]:
    texts = {
        "app/main.py": _MAIN,
        "app/drivers.ini": "driver = libdriver9.so\n",
        "app/settings.ini": "page = /srv/pages/late.html\n",
        "app/templates/late.txt": WORKS,
        "srv/pages/late.html": WORKS,
        "src/devtree/devlate.py": "",
        f"{SITE}/dev.pth": "/src/devtree\n",
        "usr/share/report9/late.txt": f"{WORKS}\n",
        "usr/lib/beside9/late.txt": f"{WORKS}\n",
        "usr/share/glyphs9/late.txt": "",
        "usr/share/functions9/late.sh": f"late9() {{ echo {WORKS}; }}\n",
        "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
        "etc/group": "root:x:0:\n",
    }
    scripts = {
        "app/warm.sh": _WARM,
        "app/run.sh": _RUN,
        "usr/bin/report9": _REPORT,
        "usr/bin/beside9": _BESIDE,
        "usr/bin/tool9": f"#!/bin/sh\necho {WORKS}\n",
    }
    scripts["usr/bin/sources9"] = _SOURCES
    scripts["usr/bin/packed9"] = scripts["usr/bin/tool9"]
    scripts["usr/bin/report9ctl"] = f"#!/usr/local/bin/{PYTHON}\nprint({WORKS!r})\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("__main__.py", 'import os\nos.execvp("packed9", ["packed9", "-v"])\n')
    zone = (
        b"TZif"
        + bytes(16)
        + b"".join(number.to_bytes(4, "big") for number in (0, 0, 0, 0, 1, 4))
        + bytes(6)
        + b"LAT\0"
    )
    return {
        "usr/share/zoneinfo/Asia/Late": _File(zone),
        "app/packed.pyz": _File(packed.getvalue()),
        **{name: _File(text.encode()) for name, text in texts.items()},
        **{name: _File(text.encode(), 0o755) for name, text in scripts.items()},
    }


def _distributions(scratch: Path) -> dict[str, _File]:
    files: dict[str, _File] = {}
    for name, contents in _DISTS.items():
        info = f"{name}-1.dist-info"
        listed = "".join(
            f"{item},,\n" for item in (*contents, f"{info}/METADATA", f"{info}/RECORD")
        )
        files |= {f"{SITE}/{item}": _File(text.encode()) for item, text in contents.items()}
        files[f"{SITE}/{info}/METADATA"] = _File(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n".encode()
        )
        files[f"{SITE}/{info}/RECORD"] = _File(listed.encode())
    files[f"{SITE}/compiledext.abi3.so"] = _File(_compiled(scratch, _EXTENSION, "-shared", "-fPIC"))
    return files


def _database() -> dict[str, _File]:
    status = "".join(
        f"Package: {name}\nStatus: install ok installed\nPriority: optional\nSection:"
        f" misc\nArchitecture: amd64\nVersion: 1\nDescription: {name}\n\n"
        for name in _DEBS
    )
    lists = {
        f"var/lib/dpkg/info/{name}.list": _File(
            "".join(f"{path}\n" for path in ("/.", *paths)).encode()
        )
        for name, paths in _DEBS.items()
    }
    return {
        "var/lib/dpkg/status": _File(status.encode()),
        "etc/os-release": _File(b"ID=debian\n"),
        **lists,
    }
