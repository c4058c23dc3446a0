"""RBOMs for tests: one made by hand, and a hypothesis strategy for any other of the same image."""

from hypothesis import strategies as st

from careen.model.paths import ImagePath
from careen.model.rbom import FileUse, ImageRef, MissedPath, Run, RunKind, RuntimeBom, UsedFile
from careen.model.runs.trace import Endpoint, Phase, SensorInfo, SensorKind, Use
from careen.rbom.merge import merge

START = frozenset({Phase.START})
SERVING = frozenset({Phase.SERVING})
BOTH = frozenset({Phase.START, Phase.SERVING})

IMAGE = ImageRef(
    "wl/app:1",
    f"sha256:{'1' * 64}",
    f"sha256:{'2' * 64}",
    (f"sha256:{'3' * 64}", f"sha256:{'4' * 64}"),
    "linux/amd64",
)
SENSOR = SensorInfo(
    SensorKind.EBPF,
    "6.18.1",
    "x86_64",
    ("sys_enter", "sys_exit"),
    frozenset(Use),
    {"ring_full": 0, "names_full": 0},
    12,
    ("a note",),
)
RUN = Run(
    "web",
    ("python", "-m", "app"),
    "2026-03-01T10:00:00Z",
    12.5,
    ("pytest -q",),
    "tests",
    SENSOR,
    "docker",
)
LIBC = "pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=debian-13"
FOO = "pkg:pypi/foo@1.0"
PYTHON = "/usr/bin/python3.13"

BOM = RuntimeBom(
    image=IMAGE,
    runs=(RUN,),
    files=(
        UsedFile(
            ImagePath("/app/\udcff"),
            "file",
            "a" * 64,
            3,
            IMAGE.diff_ids[1],
            (),
            (FileUse(Use.OPENED, START, PYTHON, "web"), FileUse(Use.WRITTEN, BOTH, PYTHON, "web")),
        ),
        UsedFile(
            ImagePath("/lib"),
            "symlink",
            "",
            0,
            IMAGE.diff_ids[0],
            (),
            (FileUse(Use.TRAVERSED, BOTH, "", "web"),),
            "usr/lib",
        ),
        UsedFile(
            ImagePath("/usr/lib"),
            "directory",
            "",
            0,
            "",
            (),
            (FileUse(Use.LISTED, SERVING, PYTHON, "web"),),
        ),
        UsedFile(
            ImagePath("/usr/lib/libc.so.6"),
            "file",
            "b" * 64,
            2_000_000,
            IMAGE.diff_ids[0],
            (LIBC, FOO),
            (FileUse(Use.MAPPED, START, PYTHON, "web"),),
        ),
    ),
    missed=(MissedPath(ImagePath("/etc/ld.so.preload"), 2, START, PYTHON, "web"),),
    syscalls={Phase.START: ("mmap", "openat"), Phase.SERVING: ("accept4",)},
    endpoints=(
        Endpoint("bind", "inet", "0.0.0.0", 8000, START, PYTHON),
        Endpoint("connect", "unix", "/run/x.sock", 0, SERVING),
    ),
    packages={LIBC: ("libc6", "2.41-12", "deb"), FOO: ("foo", "1.0", "pypi")},
    outside=7,
    unresolved=0,
)

_PATHS = st.sampled_from(["/a", "/b", "/c/d", "/e f", "/g\udc80", "/ü"])
_PROGRAMS = st.sampled_from(["", "/bin/sh", PYTHON])
_KINDS = {
    "web": (RunKind.WORKLOAD, None),
    "batch": (RunKind.ATTACHED, 0.5),
    "explore:signals": (RunKind.EXPLORATION, None),
    "old": (RunKind.CARRIED, 1.0),
}
_ORIGINS = st.sampled_from(sorted(_KINDS))
_PHASES = st.sets(st.sampled_from(Phase), min_size=1).map(frozenset)
_USES = st.builds(FileUse, st.sampled_from(Use), _PHASES, _PROGRAMS, _ORIGINS)
_PACKAGES = {LIBC: ("libc6", "2.41-12", "deb"), FOO: ("foo", "1.0", "pypi")}


def _file(path: str, uses: list[FileUse]) -> UsedFile:
    """What a file is follows from its path, as in one image; how it was used does not."""
    kind = "file" if path < "/c" else "directory"
    packages = (LIBC,) if path == "/a" else (LIBC, FOO) if path == "/b" else ()
    return UsedFile(
        ImagePath(path),
        kind,
        "c" * 64 if kind == "file" else "",
        5 if kind == "file" else 0,
        IMAGE.diff_ids[0],
        packages,
        tuple(uses),
    )


def _bom(
    files: list[UsedFile],
    missed: list[MissedPath],
    syscalls: dict[Phase, tuple[str, ...]],
    run: tuple[str, float, int | None],
    counts: tuple[int, int],
) -> RuntimeBom:
    distinct = {file.path: file for file in files}
    purls = {purl for file in distinct.values() for purl in file.packages}
    workload, seconds, events = run
    kind, adequacy = _KINDS[workload]
    sensor = SensorInfo(
        SensorKind.STRACE, "6", "x", (), frozenset({Use.OPENED}), {"lost": 1}, events
    )
    bom = RuntimeBom(
        image=IMAGE,
        runs=(
            Run(
                workload,
                ("x",),
                f"2026-03-01T10:00:0{int(seconds) % 10}Z",
                seconds,
                (),
                "exit status",
                sensor,
                "runc",
                kind,
                adequacy,
            ),
        ),
        files=tuple(distinct.values()),
        missed=tuple(missed),
        syscalls=syscalls,
        endpoints=(Endpoint("bind", "inet6", "::", int(seconds) % 4, START),),
        packages={purl: _PACKAGES[purl] for purl in purls},
        outside=counts[0],
        unresolved=counts[1],
    )
    return merge([bom])


def boms() -> st.SearchStrategy[RuntimeBom]:
    """Any RBOM of one image, in the order that careen writes."""
    return st.builds(
        _bom,
        st.lists(st.builds(_file, _PATHS, st.lists(_USES, min_size=1, max_size=4)), max_size=5),
        st.lists(
            st.builds(
                MissedPath,
                _PATHS.map(ImagePath),
                st.sampled_from([2, 20]),
                _PHASES,
                _PROGRAMS,
                _ORIGINS,
            ),
            max_size=4,
        ),
        st.dictionaries(
            st.sampled_from(Phase),
            st.lists(st.sampled_from(["read", "write", "openat"]), min_size=1).map(tuple),
        ),
        st.tuples(_ORIGINS, st.floats(0, 100), st.none() | st.integers(0, 9)),
        st.tuples(st.integers(0, 9), st.integers(0, 9)),
    )
