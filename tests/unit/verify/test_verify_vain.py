"""Which removed paths a hardened container looked for."""

import errno
import struct
from typing import Any

from careen.model.paths import ImagePath
from careen.model.runs.trace import Phase, SensorInfo, SensorKind, Touch, Trace, Use
from careen.model.runs.vain import FailedLookup
from careen.oci.tree.rootfs import Rootfs
from careen.verify.vain import looked_for_in_vain
from tests.support.trees import Exec, Link, tree

START = frozenset({Phase.START})
SERVING = frozenset({Phase.SERVING})


def touch(
    given: str,
    use: Use = Use.OPENED,
    base: str = "/",
    number: int = errno.ENOENT,
    phases: frozenset[Phase] = START,
    executable: str = "/bin/app",
) -> Touch:
    return Touch(use, given, base, None, None, number, phases, executable)


def vain(original: Rootfs, result: Rootfs, *touches: Touch) -> list[tuple[str, str]]:
    found = looked_for_in_vain(
        [
            Trace(
                SensorInfo(SensorKind.EBPF, "6.1", "x86_64", (), frozenset(Use), {}),
                touches,
                {},
                (),
            )
        ],
        original,
        result,
    )
    return [(lookup.path, lookup.use.value) for lookup in found]


def elf(interpreter: bytes) -> Exec:
    """A 64-bit ELF header with one program header, PT_INTERP."""
    name = interpreter + b"\0"
    ident = b"\x7fELF\x02\x01\x01" + b"\0" * 9
    header = ident + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    return Exec(
        header + struct.pack("<IIQQQQQQ", 3, 4, 120, 120, 120, len(name), len(name), 1) + name
    )


def test_only_what_the_original_has_is_missed() -> None:
    original = tree({"/lib/libz.so.1": b"z", "/bin/app": Exec(b"a")})
    result = tree({"/bin/app": Exec(b"a")})
    touches = [
        touch("/lib/libz.so.1"),
        touch("/lib/glibc-hwcaps/libz.so.1", number=errno.ENOTDIR),
        touch("/nowhere"),
        touch("/bin/app"),
    ]
    assert vain(original, result, *touches) == [("/lib/libz.so.1", "opened")]


def test_byte_code_is_missed_only_where_its_source_is_gone() -> None:
    cached = ("/app/__pycache__/m.cpython-311.pyc", "/app/__pycache__/n.cpython-311.pyc")
    original = tree({**dict.fromkeys(cached, b"code"), "/app/m.py": "", "/app/n.py": ""})
    result = tree({"/app/m.py": ""})
    assert vain(original, result, *map(touch, cached)) == [(cached[1], "opened")]


def test_success_refusal_and_other_file_systems_are_no_loss() -> None:
    original, result = tree({"/a": "1", "/proc/x": "1"}), tree({})
    on_volume = Touch(
        Use.OPENED,
        "/a",
        "/",
        None,
        on_image=False,
        errno=errno.ENOENT,
        phases=START,
        executable="/bin/app",
    )
    assert (
        vain(original, result, touch("/a", number=0), touch("/a", number=errno.EACCES), on_volume)
        == []
    )


def test_relative_names_and_links_are_walked_in_the_original() -> None:
    original = tree(
        {
            "/usr/lib/python3/os.py": "x",
            "/lib": Link("usr/lib"),
            "/usr/bin/python": Link("/usr/bin/python3"),
            "/usr/bin/python3": Exec(b"p"),
        }
    )
    result = tree(
        {
            "/lib": Link("usr/lib"),
            "/usr/lib/python3": None,
            "/usr/bin/python": Link("/usr/bin/python3"),
        }
    )
    touches = [
        touch("../lib/python3/os.py", base="/usr/bin"),
        touch("os.py", base="/lib/python3"),
        touch("python", Use.EXECUTED, "/usr/bin"),
    ]
    assert vain(original, result, *touches) == [
        ("/usr/bin/python3", "executed"),
        ("/usr/lib/python3/os.py", "opened"),
    ]


def test_executions_come_first_then_opens_then_looks_and_each_path_once() -> None:
    original, result = tree({"/a": "1", "/b": "1", "/c": Exec(b"1"), "/d": "1"}), tree({})
    touches = [
        touch("/a", Use.LOOKED_UP),
        touch("/d", Use.LOOKED_UP, phases=SERVING),
        touch("/d", Use.OPENED),
        touch("/b"),
        touch("/b"),
        touch("/c", Use.EXECUTED),
        touch("/b", executable="/bin/other"),
    ]
    assert vain(original, result, *touches) == [
        ("/c", "executed"),
        ("/b", "opened"),
        ("/b", "opened"),
        ("/d", "opened"),
        ("/a", "looked up"),
    ]
    alone = Trace(
        SensorInfo(SensorKind.EBPF, "6.1", "x86_64", (), frozenset(Use), {}),
        tuple(touches[1:3]),
        {},
        (),
    )
    (first, *_) = looked_for_in_vain([alone], original, result)
    assert first == FailedLookup(
        ImagePath("/d"), errno.ENOENT, "/bin/app", START | SERVING, Use.OPENED
    )


def test_a_chroot_starts_from_its_own_root() -> None:
    assert vain(
        tree({"/srv/jail/etc/hosts": "x"}), tree({}), touch("/etc/hosts", base="/srv/jail")
    ) == [("/srv/jail/etc/hosts", "opened")]


def test_a_link_to_nowhere_that_was_read_is_missed() -> None:
    original = tree({"/etc/mtab": Link("/proc/mounts")})
    assert vain(original, tree({}), touch("/etc/mtab", Use.LOOKED_UP)) == [
        ("/etc/mtab", "looked up")
    ]
    assert vain(original, original, touch("/etc/mtab", Use.LOOKED_UP)) == []


def test_a_script_whose_interpreter_is_gone_names_the_interpreter() -> None:
    files: dict[str, Any] = {"/app/run": Exec(b"#! /bin/bash -e\n"), "/bin": Link("usr/bin")}
    original, result = (
        tree({**files, "/usr/bin/bash": Exec(b"b")}),
        tree({**files, "/usr/bin": None}),
    )
    assert vain(original, result, touch("/app/run", Use.EXECUTED)) == [
        ("/usr/bin/bash", "executed")
    ]


def test_a_program_whose_loader_is_gone_names_the_loader() -> None:
    files = {
        "/app/run": elf(b"/lib64/ld.so"),
        "/app/junk": Exec(b"\x7fELF\x02\x01"),
        "/app/static": Exec(b"MZ"),
    }
    original, result = tree({**files, "/lib64/ld.so": Exec(b"l")}), tree(files)
    touches = [touch(f"/app/{name}", Use.EXECUTED) for name in ("run", "junk", "static")]
    assert vain(original, result, *touches) == [("/lib64/ld.so", "executed")]


def test_what_could_not_be_made_means_the_directory() -> None:
    original, result = (
        tree({"/var/state": None, "/var/log/x": "", "/etc/a": ""}),
        tree({"/var/log/x": "", "/etc/a": ""}),
    )
    made = touch("/var/state/lock", Use.WRITTEN)
    assert vain(
        original,
        result,
        made,
        touch("/var/state/other"),
        touch("/var/log/y", Use.WRITTEN),
        touch("/none/x", Use.WRITTEN),
    ) == [("/var/state", "written")]
