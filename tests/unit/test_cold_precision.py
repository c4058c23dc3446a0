"""The measure of precision over the cold-path corpus: bytes of a plan against what cases read."""

import io
import tarfile
from pathlib import Path

from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan, Reason
from careen.model.rbom import FileUse, ImageRef, Run, RuntimeBom, UsedFile
from careen.model.trace import Phase, SensorInfo, SensorKind, Use
from tests.cold.precision import sorts_of
from tests.cold.shares import Row, lines_of, measure, place_of, sizes_of
from tests.cold.subject import Case, Subject

IMAGE = ImageRef("i", None, "sha256:" + "0" * 64, (), "linux/amd64")


def bom(*used: tuple[str, Use], lost: int = 0) -> RuntimeBom:
    sensor = SensorInfo(SensorKind.EBPF, "6", "x86_64", (), frozenset(Use), {"ring": lost}, None, ())
    run = Run("w", (), "2026-01-01T00:00:00Z", 1.0, (), "exit status", sensor, "docker")
    files = tuple(UsedFile(ImagePath(path), "file", "", 0, "", (), (FileUse(use, frozenset({Phase.SERVING}), "", "w"),)) for path, use in used)
    return RuntimeBom(IMAGE, (run,), files, (), {}, (), {})


def plan(keep: dict[str, str], remove: tuple[str, ...] = ()) -> Plan:
    kept = {ImagePath(path): Reason(code, "") for path, code in keep.items()}
    return Plan(IMAGE, Level.CLOSURE, kept, {ImagePath(path): Reason("unused", "") for path in remove}, {}, "0" * 64)


def test_bytes_are_counted_by_reason_and_what_the_profile_read_apart() -> None:
    kept = plan({"/a": "observed", "/b": "dlopen", "/c": "dlopen", "/d": "dlopen", "/dir": "directory"}, ("/e",))
    sizes = {"/a": 100, "/b": 10, "/c": 20, "/d": 40, "/e": 5}
    cases = bom(("/b", Use.MAPPED), ("/d", Use.LOOKED_UP), ("/e", Use.OPENED), lost=3)
    found = measure(kept, sizes, bom(("/a", Use.OPENED)), cases, bom(("/c", Use.OPENED)))
    assert found.profiled == 100
    assert found.rows == {"dlopen": Row(files=3, kept=70, used=10, swept=30)}
    assert found.missing == {"/e": 5}
    assert found.unwatched == ("w: ring 3",)


def test_a_source_counts_for_its_byte_code_that_the_plan_drops() -> None:
    kept = plan(
        {"/m/a.py": "python-import", "/m/b.py": "python-import", "/m/__pycache__/b.cpython-313.pyc": "python-import"}, ("/m/__pycache__/a.cpython-313.pyc",)
    )
    sizes = dict.fromkeys([*map(str, kept.keep), *map(str, kept.remove)], 10)
    cases = bom(("/m/__pycache__/a.cpython-313.pyc", Use.OPENED), ("/m/__pycache__/b.cpython-313.pyc", Use.OPENED))
    found = measure(kept, sizes, bom(), cases)
    assert (found.total, found.missing) == (Row(files=3, kept=30, used=20, swept=20), {})


def test_what_the_profile_only_looked_up_is_kept_beyond_it() -> None:
    found = measure(plan({"/a": "observed"}), {"/a": 7}, bom(("/a", Use.LOOKED_UP)), bom())
    assert (found.profiled, found.total) == (0, Row(1, 7, 0, 0))


def test_the_largest_unused_bytes_come_first_and_small_reasons_are_one_line() -> None:
    found = measure(plan({"/a": "one", "/b": "two", "/c": "tiny"}), {"/a": 2_000_000, "/b": 3_000_000, "/c": 1}, bom(), bom(("/b", Use.OPENED)))
    names = [line.split()[0] for line in lines_of(found)]
    assert names[:5] == ["reason", "one", "two", "others", "all"]


def test_a_path_counts_for_its_package_or_for_three_directories() -> None:
    assert place_of("/opt/venv/lib/python3.11/site-packages/torch/lib/x.so") == "/opt/venv/lib/python3.11/site-packages/torch"
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
    cases = (Case("a", "x", "run", ("python", "-"), stdin="../probes/import_sweep.py"), Case("b", "x", "run", ("id",)))
    sorts = sorts_of(Subject("s", Path(), "i", 1, "/", "true", Path(), (), (), cases))
    assert {name: [case.name for case in chosen.cases] for name, chosen in sorts.items()} == {"cases": ["b"], "sweeps": ["a"]}
