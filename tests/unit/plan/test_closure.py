"""Input tree → kept tree, one case for each mechanism; each says what goes without it."""

from collections.abc import Mapping

import pytest

from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.plan import Level
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from tests.support.plans import NO_RULES, Case, Files, elf, package, plan_for
from tests.support.trees import Exec, Link, tree

RULES = load_rules()
SITE = "/usr/lib/python3.11/site-packages"
LIB = "/usr/lib/python3.11"
STDLIB: Files = {
    f"{LIB}/os.py": "",
    f"{LIB}/encodings/__init__.py": "",
    f"{LIB}/traceback.py": "",
    "/usr/bin/python3.11": elf(),
}
PY, DEB = Ecosystem.PYPI, Ecosystem.DEB


def dist(name: str, *files: str, **more: object) -> Package:
    return package(PY, name, tuple(f"{SITE}/{item}" for item in files), modules=(name,), **more)


APP = {"WorkingDir": "/app"}
CASES: Mapping[str, Case] = {
    "needed from the default directory": Case(
        {"/bin/x": elf(("liba.so",)), "/usr/lib/liba.so": elf(), "/usr/lib/libz.so": elf()},
        {"/bin/x": Use.EXECUTED},
        ("/usr/lib/liba.so",),
        ("/usr/lib/libz.so",),
    ),
    "needed through needed": Case(
        {"/bin/x": elf(("liba.so",)), "/lib/liba.so": elf(("libb.so",)), "/lib/libb.so": elf()},
        {"/bin/x": Use.EXECUTED},
        ("/lib/libb.so",),
    ),
    "interpreter": Case(
        {"/bin/x": elf(interpreter="/lib64/ld.so.2"), "/lib64/ld.so.2": elf()},
        {"/bin/x": Use.EXECUTED},
        ("/lib64/ld.so.2",),
    ),
    "runpath with origin": Case(
        {
            "/o/bin/x": elf(("liba.so",), runpath="$ORIGIN/../lib"),
            "/o/lib/liba.so": elf(),
            "/usr/lib/liba.so": elf(),
        },
        {"/o/bin/x": Use.EXECUTED},
        ("/o/lib/liba.so",),
        ("/usr/lib/liba.so",),
        level=Level.OBSERVED,
    ),
    "rpath in braces": Case(
        {
            "/o/x": elf(("liba.so",), rpath="${ORIGIN}/l"),
            "/o/l/liba.so": elf(),
            "/lib/liba.so": elf(),
        },
        {"/o/x": Use.EXECUTED},
        ("/o/l/liba.so",),
        ("/lib/liba.so",),
        level=Level.OBSERVED,
    ),
    "rpath is handed on": Case(
        {
            "/o/x": elf(("liba.so",), rpath="/v"),
            "/v/liba.so": elf(("libb.so",)),
            "/v/libb.so": elf(),
            "/lib/libb.so": elf(),
        },
        {"/o/x": Use.EXECUTED},
        ("/v/libb.so",),
        ("/lib/libb.so",),
        level=Level.OBSERVED,
    ),
    "LD_LIBRARY_PATH before runpath": Case(
        {"/x": elf(("liba.so",), runpath="/r"), "/e/liba.so": elf(), "/r/liba.so": elf()},
        {"/x": Use.EXECUTED},
        ("/e/liba.so",),
        ("/r/liba.so",),
        run={"Env": ["LD_LIBRARY_PATH=/e"]},
        level=Level.OBSERVED,
    ),
    "ld.so.conf order with include": Case(
        {
            "/x": elf(("liba.so",)),
            "/etc/ld.so.conf": "include /etc/ld.so.conf.d/*.conf\n/two\n",
            "/etc/ld.so.conf.d/a.conf": "/one\n",
            "/one/liba.so": elf(),
            "/two/liba.so": elf(),
        },
        {"/x": Use.EXECUTED},
        ("/one/liba.so",),
        ("/two/liba.so",),
        level=Level.OBSERVED,
    ),
    "musl path file": Case(
        {
            "/x": elf(("liba.so",)),
            "/etc/ld-musl-x86_64.path": "/m:/n\n",
            "/m/liba.so": elf(),
            "/usr/lib/liba.so": elf(),
        },
        {"/x": Use.EXECUTED},
        ("/m/liba.so",),
        ("/usr/lib/liba.so",),
        level=Level.OBSERVED,
    ),
    "hwcaps variants": Case(
        {
            "/x": elf(("liba.so",)),
            "/usr/lib/liba.so": elf(),
            "/usr/lib/glibc-hwcaps/x86-64-v3/liba.so": elf(),
        },
        {"/x": Use.EXECUTED},
        ("/usr/lib/glibc-hwcaps/x86-64-v3/liba.so", "/usr/lib/liba.so"),
    ),
    "another machine is passed over": Case(
        {"/x": elf(("liba.so",)), "/lib64/liba.so": elf(machine=183), "/usr/lib/liba.so": elf()},
        {"/x": Use.EXECUTED},
        ("/usr/lib/liba.so",),
        ("/lib64/liba.so",),
    ),
    "preloaded elsewhere": Case(
        {"/x": elf(("liba.so",)), "/far/away/liba.so": elf()},
        {"/x": Use.EXECUTED},
        ("/far/away/liba.so",),
    ),
    "soname link": Case(
        {
            "/x": elf(("liba.so.1",)),
            "/lib/liba.so.1": Link("liba.so.1.2"),
            "/lib/liba.so.1.2": elf(),
        },
        {"/x": Use.EXECUTED},
        ("/lib/liba.so.1", "/lib/liba.so.1.2"),
    ),
    "other names of a kept file": Case(
        {"/bin/busybox": elf(), "/bin/ls": Link("busybox"), "/bin/dead": Link("nothing")},
        {"/bin/busybox": Use.EXECUTED},
        ("/bin/ls",),
        ("/bin/dead",),
    ),
    "link chain": Case(
        {"/a": Link("b"), "/b": Link("c/d"), "/c/d": "x"},
        {"/a": Use.TRAVERSED},
        ("/a", "/b", "/c/d"),
    ),
    "dlopen string": Case(
        {
            "/x": elf(text=b"\0libq.so.2\0"),
            "/usr/lib/libq.so.2": elf(),
            "/usr/lib/libr.so.2": elf(),
        },
        {"/x": Use.EXECUTED},
        ("/usr/lib/libq.so.2",),
        ("/usr/lib/libr.so.2",),
    ),
    "shebang": Case(
        {"/s": Exec(b"#!/bin/awk -f\n"), "/bin/awk": elf()},
        {"/s": Use.EXECUTED},
        ("/bin/awk",),
        level=Level.OBSERVED,
    ),
    "shebang through env": Case(
        {"/s": Exec(b"#!/usr/bin/env -S ruby -w\n"), "/usr/bin/env": elf(), "/usr/bin/ruby": elf()},
        {"/s": Use.EXECUTED},
        ("/usr/bin/env", "/usr/bin/ruby"),
    ),
    "standard library": Case(STDLIB, {f"{LIB}/os.py": Use.OPENED}, (f"{LIB}/traceback.py",)),
    "standard library by its interpreter": Case(
        STDLIB, {"/usr/bin/python3.11": Use.EXECUTED}, (f"{LIB}/traceback.py",)
    ),
    "landmarks at observed": Case(
        STDLIB,
        {f"{LIB}/traceback.py": Use.OPENED},
        (f"{LIB}/os.py",),
        (f"{LIB}/encodings/__init__.py",),
        level=Level.OBSERVED,
    ),
    "no landmarks of an interpreter that did not run": Case(
        STDLIB,
        {f"{LIB}/traceback.py": Use.LOOKED_UP},
        (f"{LIB}/traceback.py",),
        (f"{LIB}/os.py",),
        level=Level.OBSERVED,
    ),
    "whole distribution": Case(
        {**STDLIB, f"{SITE}/a/x.py": "", f"{SITE}/a/y.py": ""},
        {f"{SITE}/a/x.py": Use.OPENED},
        (f"{SITE}/a/y.py",),
        packages=(dist("a", "a/x.py", "a/y.py"),),
    ),
    "requirement": Case(
        {
            **STDLIB,
            f"{SITE}/a/x.py": "json = {'fast': 'b'}",
            f"{SITE}/b/y.py": "",
            f"{SITE}/c/z.py": "",
        },
        {f"{SITE}/a/x.py": Use.OPENED},
        (f"{SITE}/b/y.py",),
        (f"{SITE}/c/z.py",),
        packages=(dist("a", "a/x.py", depends=("b",)), dist("b", "b/y.py"), dist("c", "c/z.py")),
    ),
    "import inside a function": Case(
        {**STDLIB, f"{SITE}/a/x.py": "def f():\n    from b.c import d\n", f"{SITE}/b/c.py": ""},
        {f"{SITE}/a/x.py": Use.OPENED},
        (f"{SITE}/b/c.py",),
        packages=(dist("a", "a/x.py"), dist("b", "b/c.py")),
    ),
    "import by the application": Case(
        {
            **STDLIB,
            "/app/m.py": "try:\n    import zz, b as q\nexcept ImportError: import c\n",
            f"{SITE}/b/c.py": "",
            f"{SITE}/c/c.py": "",
        },
        {"/app/m.py": Use.OPENED},
        (f"{SITE}/b/c.py", f"{SITE}/c/c.py"),
        packages=(dist("b", "b/c.py"), dist("c", "c/c.py")),
        run=APP,
    ),
    "import_module with a literal": Case(
        {**STDLIB, f"{SITE}/a/x.py": "importlib.import_module('b.plug')", f"{SITE}/b/c.py": ""},
        {f"{SITE}/a/x.py": Use.OPENED},
        (f"{SITE}/b/c.py",),
        packages=(dist("a", "a/x.py"), dist("b", "b/c.py")),
    ),
    "dotted string": Case(
        {**STDLIB, f"{SITE}/a/x.py": 'LOOPS = {"u": "b.loop:Setup"}', f"{SITE}/b/c.py": ""},
        {f"{SITE}/a/x.py": Use.OPENED},
        (f"{SITE}/b/c.py",),
        packages=(dist("a", "a/x.py"), dist("b", "b/c.py")),
    ),
    "entry point": Case(
        {
            **STDLIB,
            f"{SITE}/a/x.py": "",
            f"{SITE}/p/p.py": "",
            f"{SITE}/p-1.dist-info/entry_points.txt": "[a.plugins]\nq = p.p\n",
        },
        {f"{SITE}/a/x.py": Use.OPENED},
        (f"{SITE}/p/p.py",),
        packages=(
            dist("a", "a/x.py"),
            dist(
                "p",
                "p/p.py",
                "p-1.dist-info/entry_points.txt",
                metadata=(ImagePath(f"{SITE}/p-1.dist-info/entry_points.txt"),),
            ),
        ),
    ),
    "unowned module": Case(
        {**STDLIB, "/app/m.py": "import loose\n", f"{SITE}/loose/a.py": ""},
        {"/app/m.py": Use.OPENED},
        (f"{SITE}/loose/a.py",),
        run=APP,
    ),
    "spare byte code goes": Case(
        {
            **STDLIB,
            f"{SITE}/a/x.py": "",
            f"{SITE}/a/y.py": "",
            f"{SITE}/a/__pycache__/y.cpython-311.pyc": "b",
        },
        {f"{SITE}/a/x.py": Use.OPENED},
        (f"{SITE}/a/y.py",),
        (f"{SITE}/a/__pycache__/y.cpython-311.pyc",),
        packages=(dist("a", "a/x.py", "a/y.py", "a/__pycache__/y.cpython-311.pyc"),),
    ),
    "byte code without source stays": Case(
        {**STDLIB, f"{SITE}/a/x.py": "", f"{SITE}/a/__pycache__/y.cpython-311.pyc": "b"},
        {f"{SITE}/a/x.py": Use.OPENED},
        (f"{SITE}/a/__pycache__/y.cpython-311.pyc",),
        packages=(dist("a", "a/x.py", "a/__pycache__/y.cpython-311.pyc"),),
    ),
    "module on the command line": Case(
        {**STDLIB, f"{SITE}/a/x.py": ""},
        {"/usr/bin/python3.11": Use.EXECUTED},
        (f"{SITE}/a/x.py",),
        packages=(dist("a", "a/x.py"),),
        run={"Cmd": ["python", "-m", "a"]},
    ),
    "work directory": Case(
        {"/app/main.py": "", "/app/templates/x.html": "", "/srv/other": ""},
        {"/app/main.py": Use.OPENED},
        ("/app/templates/x.html",),
        ("/srv/other",),
        run=APP,
    ),
    "unowned data tree": Case(
        {"/models/a/w.bin": "", "/models/b/w.bin": ""},
        {"/models/a/w.bin": Use.OPENED},
        ("/models/b/w.bin",),
    ),
    "shared directories are no tree": Case(
        {"/opt/one/a": "", "/opt/one/b": "", "/opt/two/c": ""},
        {"/opt/one/a": Use.OPENED},
        ("/opt/one/b",),
        ("/opt/two/c",),
    ),
    "a package manager's directory is no tree": Case(
        {
            "/models/a/w.bin": "",
            "/models/b/w.bin": "",
            "/var/lib/dpkg/info/format": "1.0",
            "/var/lib/dpkg/info/one.postinst": Exec(
                b"#!/bin/sh\ninstall-info /usr/share/man/man1\n"
            ),
            "/usr/share/man/man1/one.1.gz": "",
        },
        {"/models/a/w.bin": Use.OPENED, "/var/lib/dpkg/info/format": Use.OPENED},
        ("/models/b/w.bin",),
        ("/var/lib/dpkg/info/one.postinst", "/usr/share/man/man1/one.1.gz"),
    ),
    "home": Case(
        {"/etc/passwd": "u:x:7:7::/home/u:/bin/sh\n", "/home/u/.cfg": "", "/home/v/.cfg": ""},
        {"/etc/passwd": Use.OPENED},
        ("/home/u/.cfg",),
        ("/home/v/.cfg",),
        run={"User": "7"},
    ),
    "PYTHONPATH": Case({"/code/a.py": ""}, {}, ("/code/a.py",), run={"Env": ["PYTHONPATH=/code"]}),
    "java home": Case(
        {
            "/opt/java/bin/java": elf(),
            "/opt/java/lib/modules": "m",
            "/opt/java/lib/security/cacerts": "",
        },
        {"/opt/java/bin/java": Use.EXECUTED},
        ("/opt/java/lib/modules", "/opt/java/lib/security/cacerts"),
    ),
    "node modules": Case(
        {"/app/s.js": "", "/app/node_modules/q/i.js": ""},
        {"/app/s.js": Use.OPENED},
        ("/app/node_modules/q/i.js",),
        run=APP,
    ),
    "health check": Case(
        {"/usr/bin/curl": elf(), "/bin/sh": elf(), "/usr/bin/wget": elf()},
        {},
        ("/usr/bin/curl", "/bin/sh"),
        ("/usr/bin/wget",),
        run={"Healthcheck": {"Test": ["CMD-SHELL", "curl -f http://localhost || exit 1"]}},
    ),
    "code in a health check names no commands": Case(
        {**STDLIB, "/usr/bin/import": elf()},
        {},
        ("/usr/bin",),
        ("/usr/bin/import",),
        run={"Healthcheck": {"Test": ["CMD-SHELL", 'python3.11 -c "import sys"']}},
    ),
    "words of an entrypoint script": Case(
        {
            "/app/run.sh": Exec(b"#!/bin/sh\n# tac is not used\nx=$(nproc)\n"),
            "/bin/sh": elf(),
            "/usr/bin/nproc": elf(),
            "/usr/bin/tac": elf(),
        },
        {"/app/run.sh": Use.EXECUTED},
        ("/usr/bin/nproc",),
        ("/usr/bin/tac",),
        run=APP,
    ),
    "literal in the application": Case(
        {
            "/app/m.py": 'TOOL = "ffmpeg"\n',
            "/usr/bin/ffmpeg": elf(("liba.so",)),
            "/lib/liba.so": elf(),
        },
        {"/app/m.py": Use.OPENED},
        ("/usr/bin/ffmpeg", "/lib/liba.so"),
        run=APP,
    ),
    "shell line in the application": Case(
        {"/app/m.py": 'os.system("gs -q in | lp")\n', "/usr/bin/gs": elf(), "/usr/bin/lp": elf()},
        {"/app/m.py": Use.OPENED},
        ("/usr/bin/gs", "/usr/bin/lp"),
        run=APP,
    ),
    "call in a library": Case(
        {
            **STDLIB,
            f"{SITE}/a/x.py": 'import subprocess\nsubprocess.run(["sox", "-V"])\nX = "dot"\n',
            "/usr/bin/sox": elf(),
            "/usr/bin/dot": elf(),
        },
        {f"{SITE}/a/x.py": Use.OPENED},
        ("/usr/bin/sox",),
        ("/usr/bin/dot",),
        packages=(dist("a", "a/x.py"),),
    ),
    "call with a tuple, and a command line in a variable": Case(
        {
            **STDLIB,
            f"{SITE}/a/x.py": (
                'import subprocess\nsubprocess.run(\n    ("openssl", "sha512", name)\n)\nrun_cmd ='
                ' ["sox", "-V"]\nnames = ["dot"]\n'
            ),
            "/usr/bin/sox": elf(),
            "/usr/bin/openssl": elf(),
            "/usr/bin/dot": elf(),
        },
        {f"{SITE}/a/x.py": Use.OPENED},
        ("/usr/bin/sox", "/usr/bin/openssl"),
        ("/usr/bin/dot",),
        packages=(dist("a", "a/x.py"),),
    ),
    "plugins of a deb": Case(
        {
            "/usr/bin/d": elf(),
            "/usr/lib/d/plug.so": elf(),
            "/usr/share/d/data": "",
            "/usr/lib/e/plug.so": elf(),
        },
        {"/usr/bin/d": Use.EXECUTED},
        ("/usr/lib/d/plug.so", "/usr/share/d/data"),
        ("/usr/lib/e/plug.so",),
        packages=(
            package(DEB, "d", ("/usr/bin/d", "/usr/lib/d/plug.so", "/usr/share/d/data")),
            package(DEB, "e", ("/usr/lib/e/plug.so",)),
        ),
    ),
    "deb of data": Case(
        {"/usr/share/z/a": "", "/usr/share/z/b": ""},
        {"/usr/share/z/a": Use.OPENED},
        ("/usr/share/z/b",),
        packages=(package(DEB, "z", ("/usr/share/z/a", "/usr/share/z/b")),),
    ),
    "licence and record": Case(
        {
            "/usr/bin/d": elf(),
            "/usr/share/doc/d/copyright": "",
            "/usr/share/doc/e/copyright": "",
            "/usr/bin/e": elf(),
        },
        {"/usr/bin/d": Use.EXECUTED},
        ("/usr/share/doc/d/copyright",),
        ("/usr/share/doc/e/copyright",),
        packages=(
            package(
                DEB,
                "d",
                ("/usr/bin/d", "/usr/share/doc/d/copyright"),
                licences=(ImagePath("/usr/share/doc/d/copyright"),),
            ),
            package(
                DEB,
                "e",
                ("/usr/bin/e", "/usr/share/doc/e/copyright"),
                licences=(ImagePath("/usr/share/doc/e/copyright"),),
            ),
        ),
        level=Level.OBSERVED,
    ),
    "whole package with what it depends on": Case(
        {
            "/usr/bin/d": elf(),
            "/usr/share/doc/d/README": "",
            "/usr/share/f/x": "",
            "/usr/share/g/x": "",
        },
        {"/usr/bin/d": Use.EXECUTED},
        ("/usr/share/doc/d/README", "/usr/share/f/x"),
        ("/usr/share/g/x",),
        packages=(
            package(
                DEB, "d", ("/usr/bin/d", "/usr/share/doc/d/README"), depends=("nope|f (>= 2)",)
            ),
            package(DEB, "f", ("/usr/share/f/x",)),
            package(DEB, "g", ("/usr/share/g/x",)),
        ),
        level=Level.PACKAGE,
    ),
    "mount points and volumes": Case(
        {"/proc": None, "/data": None, "/app": None, "/other": None},
        {},
        ("/proc", "/data", "/app"),
        ("/other",),
        run={"WorkingDir": "/app", "Volumes": {"/data": {}}},
        level=Level.OBSERVED,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_mechanism_keeps_what_the_profile_did_not_touch(name: str) -> None:
    case = CASES[name]
    plan = plan_for(case)
    assert {path for path in case.kept if ImagePath(path) not in plan.keep} == set()
    assert {path for path in case.gone if ImagePath(path) not in plan.remove} == set()
    assert set(plan.keep) | set(plan.remove) == {entry.path for entry in tree(case.files)}
    assert not set(plan.keep) & set(plan.remove)


WIDER = [
    name
    for name, case in CASES.items()
    if case.level is not Level.OBSERVED
    and not name.startswith(
        (
            "needed",
            "interpreter",
            "soname",
            "link chain",
            "hwcaps",
            "another machine",
            "preloaded",
            "shebang",
            "code in",
            "licence",
        )
    )
]


@pytest.mark.parametrize("name", WIDER)
def test_without_the_closure_the_file_would_go(name: str) -> None:
    case = CASES[name]
    plan = plan_for(case, Level.OBSERVED)
    assert [path for path in case.kept if ImagePath(path) in plan.remove]


RULE_CASES: Mapping[str, Case] = {
    "accounts": Case(
        {"/etc/passwd": "", "/etc/x": ""}, {}, ("/etc/passwd",), ("/etc/x",), level=Level.OBSERVED
    ),
    "libgcc": Case(
        {"/lib64/ld-linux-x86-64.so.2": elf(), "/usr/lib/x86_64-linux-gnu/libgcc_s.so.1": elf()},
        {},
        ("/usr/lib/x86_64-linux-gnu/libgcc_s.so.1",),
    ),
    "cudnn": Case(
        {"/usr/lib/libcudnn.so.9": elf(), "/usr/lib/libcudnn_cnn.so.9": elf(), "/etc/k": ""},
        {"/usr/lib/libcudnn.so.9": Use.MAPPED},
        ("/usr/lib/libcudnn_cnn.so.9",),
        level=Level.CLOSURE,
    ),
    "mkl": Case(
        {"/usr/lib/libmkl_core.so": elf(), "/usr/lib/libmkl_avx512.so": elf()},
        {"/usr/lib/libmkl_core.so": Use.MAPPED},
        ("/usr/lib/libmkl_avx512.so",),
    ),
    "time zones": Case(
        {"/usr/share/zoneinfo/Asia/Tokyo": ""}, {}, ("/usr/share/zoneinfo/Asia/Tokyo",)
    ),
    "certificates": Case(
        {"/usr/share/ca-certificates/x/ca.crt": ""}, {}, ("/usr/share/ca-certificates/x/ca.crt",)
    ),
    "OpenSSL's own name for the bundle": Case(
        {
            "/usr/lib/ssl/cert.pem": Link("/etc/ssl/certs/all.pem"),
            "/opt/conda/ssl/cacert.pem": "",
            "/usr/lib/ssl/misc/CA.pl": "",
        },
        {},
        ("/usr/lib/ssl/cert.pem", "/opt/conda/ssl/cacert.pem"),
        ("/usr/lib/ssl/misc/CA.pl",),
    ),
    "openssl providers": Case(
        {"/usr/lib/libcrypto.so.3": elf(), "/usr/lib/ossl-modules/legacy.so": elf()},
        {"/usr/lib/libcrypto.so.3": Use.MAPPED},
        ("/usr/lib/ossl-modules/legacy.so",),
    ),
    "gconv": Case(
        {
            "/lib64/ld-linux-x86-64.so.2": elf(),
            "/bin/x": elf(("libc.so.6",), leftovers=("iconv_open",)),
            "/usr/lib/gconv/SJIS.so": elf(),
        },
        {"/bin/x": Use.EXECUTED},
        ("/usr/lib/gconv/SJIS.so",),
    ),
    "shell commands": Case(
        {"/bin/sh": elf(), "/usr/bin/tac": elf()}, {"/bin/sh": Use.EXECUTED}, ("/usr/bin/tac",)
    ),
    "compressors": Case(
        {"/usr/bin/tar": elf(), "/usr/bin/zstd": elf()},
        {"/usr/bin/tar": Use.EXECUTED},
        ("/usr/bin/zstd",),
    ),
    "coders": Case(
        {"/usr/lib/libMagickCore-7.so": elf(), "/usr/lib/ImageMagick-7/coders/png.so": elf()},
        {"/usr/lib/libMagickCore-7.so": Use.MAPPED},
        ("/usr/lib/ImageMagick-7/coders/png.so",),
    ),
    "ldconfig": Case(
        {"/lib64/ld-linux-x86-64.so.2": elf(), "/usr/sbin/ldconfig": elf()},
        {},
        ("/usr/sbin/ldconfig",),
    ),
}


@pytest.mark.parametrize("name", RULE_CASES)
def test_a_rule_keeps_what_only_it_knows(name: str) -> None:
    case = RULE_CASES[name]
    kept = plan_for(case, rules=RULES)
    for path in case.kept:
        assert kept.keep[ImagePath(path)].code.startswith("rule:")
    assert {path for path in case.gone if ImagePath(path) not in kept.remove} == set()
    without = plan_for(case, rules=NO_RULES)
    assert all(ImagePath(path) in without.remove for path in case.kept)


@pytest.mark.parametrize(
    ("program", "data"),
    [
        ("/usr/bin/troff", "/usr/share/groff/1.23.0/font/devutf8/DESC"),
        ("/usr/bin/groff", "/usr/bin/grotty"),
        ("/usr/bin/zsh", "/usr/share/zsh/functions/Misc/colors"),
        ("/usr/bin/fish", "/usr/share/fish/config.fish"),
    ],
)
def test_what_lies_like_documentation_stays_with_the_program_that_reads_it(
    program: str, data: str
) -> None:
    files: Files = {program: elf(), data: elf(), "/usr/bin/other": elf()}
    packages = (package(DEB, "d", (program, data)),)
    for used, kept in ((program, True), ("/usr/bin/other", False)):
        plan = plan_for(Case(files, {used: Use.EXECUTED}, (), packages=packages), rules=RULES)
        assert (ImagePath(data) in plan.keep) is kept


def test_documentation_of_a_kept_package_goes_by_rule_but_not_if_it_was_used() -> None:
    files: Files = {"/usr/bin/d": elf(), "/usr/share/man/d.1": "", "/usr/share/doc/d/used": ""}
    owner = package(DEB, "d", tuple(files))
    plan = plan_for(
        Case(
            files,
            {"/usr/bin/d": Use.EXECUTED, "/usr/share/doc/d/used": Use.OPENED},
            (),
            packages=(owner,),
        ),
        rules=RULES,
    )
    assert plan.remove[ImagePath("/usr/share/man/d.1")].code == "rule:documentation"
    assert plan.keep[ImagePath("/usr/share/doc/d/used")].code == "observed"
