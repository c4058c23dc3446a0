"""The measure of precision over the cold-path corpus: bytes of a plan and what cases read."""

import io
import tarfile
from pathlib import Path

from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan, Reason
from careen.model.rbom import FileUse, ImageRef, Run, RuntimeBom, UsedFile
from careen.model.runs.trace import Phase, SensorInfo, SensorKind, Use
from tests.cold.precision import sorts_of
from tests.cold.shares import Row, lines_of, measure, place_of, sizes_of, source_of
from tests.cold.subject import Case, Subject

IMAGE = ImageRef("i", None, "sha256:" + "0" * 64, (), "linux/amd64")
SERVING = frozenset({Phase.SERVING})
CACHED = "/m/__pycache__/a.cpython-313.pyc"


def used(path: str, use: Use) -> UsedFile:
    uses = (FileUse(use, SERVING, "", "w"),)
    return UsedFile(ImagePath(path), "file", "", 0, "", (), uses)


def bom(*files: UsedFile, lost: int = 0) -> RuntimeBom:
    losses = {"ring": lost}
    sensor = SensorInfo(SensorKind.EBPF, "6", "x86_64", (), frozenset(Use), losses, None, ())
    run = Run("w", (), "2026-01-01T00:00:00Z", 1.0, (), "exit status", sensor, "docker")
    return RuntimeBom(IMAGE, (run,), files, (), {}, (), {})


def plan(keep: dict[str, str], *remove: str) -> Plan:
    kept = {ImagePath(path): Reason(code, "") for path, code in keep.items()}
    removed = {ImagePath(path): Reason("unused", "") for path in remove}
    return Plan(IMAGE, Level.CLOSURE, kept, removed, {}, "0" * 64)


def test_bytes_are_counted_by_reason_and_what_the_profile_read_apart() -> None:
    codes = {"/a": "observed", "/b": "dlopen", "/c": "dlopen", "/d": "dlopen", "/dir": "directory"}
    sizes = {"/a": 100, "/b": 10, "/c": 20, "/d": 40, "/e": 5}
    read = (used("/b", Use.MAPPED), used("/d", Use.LOOKED_UP), used("/e", Use.OPENED))
    profile, sweeps = bom(used("/a", Use.OPENED)), bom(used("/c", Use.OPENED))
    found = measure(plan(codes, "/e"), sizes, profile, bom(*read, lost=3), sweeps)
    assert found.profiled == 100
    assert found.rows == {"dlopen": Row(files=3, kept=70, used=10, swept=30)}
    assert found.missing == {"/e": 5}
    assert found.unwatched == ("w: ring 3",)


def test_what_the_profile_only_looked_up_is_kept_beyond_it() -> None:
    found = measure(plan({"/a": "observed"}), {"/a": 7}, bom(used("/a", Use.LOOKED_UP)), bom())
    assert (found.profiled, found.total) == (0, Row(1, 7, 0, 0))


def test_a_source_counts_for_its_byte_code_that_the_plan_drops() -> None:
    sizes = {"/m/a.py": 10, CACHED: 10}
    cases = bom(used(CACHED, Use.OPENED))
    dropped = measure(plan({"/m/a.py": "x"}, CACHED), sizes, bom(), cases)
    assert (dropped.total, dropped.missing) == (Row(files=1, kept=10, used=10, swept=10), {})
    whole = measure(plan({"/m/a.py": "x", CACHED: "x"}), sizes, bom(), cases)
    assert whole.total == Row(files=2, kept=20, used=10, swept=10)
    without = measure(plan({}, "/m/a.py", CACHED), sizes, bom(), cases)
    assert without.missing == {CACHED: 10}


def test_byte_code_has_a_source_only_in_its_cache() -> None:
    assert source_of("/m/__pycache__/a.cpython-313.opt-1.pyc") == "/m/a.py"
    assert (source_of("/m/a.pyc"), source_of("/m/__pycache__/a.txt")) == ("", "")


def test_most_unused_bytes_come_first_and_small_reasons_are_one_line() -> None:
    sizes = {"/a": 2_000_000, "/b": 3_000_000, "/c": 1}
    kept = plan({"/a": "one", "/b": "two", "/c": "tiny"})
    found = measure(kept, sizes, bom(), bom(used("/b", Use.OPENED)))
    names = [line.split()[0] for line in lines_of(found)]
    assert names[:5] == ["reason", "one", "two", "others", "all"]


def test_a_path_counts_for_its_package_or_for_three_directories() -> None:
    packages = "/opt/venv/lib/python3.11/site-packages"
    assert place_of(f"{packages}/torch/lib/x.so") == f"{packages}/torch"
    assert place_of("/usr/lib/x86_64-linux-gnu/deep/x.so") == "/usr/lib/x86_64-linux-gnu"
    assert place_of("/x") == "/"


def test_sizes_are_of_regular_files_and_of_hard_links_the_first() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        one = tarfile.TarInfo("usr/a")
        one.size = 3
        archive.addfile(one, io.BytesIO(b"abc"))
        two = tarfile.TarInfo("usr/b")
        two.type, two.linkname = tarfile.LNKTYPE, "usr/a"
        archive.addfile(two)
    out.seek(0)
    assert sizes_of(out) == {"/usr/a": 3}


def test_cases_that_sweep_libraries_are_a_sort_of_their_own() -> None:
    sweep = Case("a", "x", "run", ("python", "-"), stdin="../probes/import_sweep.py")
    other = Case("b", "x", "run", ("id",))
    sorts = sorts_of(Subject("s", Path(), "i", 1, "/", "true", Path(), (), (), (sweep, other)))
    assert (sorts["sweeps"].cases, sorts["cases"].cases) == ((sweep,), (other,))
