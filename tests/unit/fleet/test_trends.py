"""Ages of findings and the time to fix them, by what a name led to over time."""

import csv
import io
import json
from collections.abc import Callable, Iterable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from careen.cli.verbs.fleet import command
from careen.errors import InputError
from careen.fleet.store.history import History, State
from careen.fleet.store.place import opened
from careen.fleet.store.states import Named, forget_states, lineage, put_state, state_of, still
from careen.model.fleet.facts import FindingFact, ImageFacts, Known
from careen.model.fleet.trends import Trends
from careen.pipeline.fleet.forget import ForgetRequest, forget
from careen.pipeline.fleet.trends import NO_HISTORY, Period, trends
from tests.support.fleet import Fleet, digest, sbom, scan

A, B = "pkg:pypi/a@1", "pkg:pypi/b@1"
DAY = "T12:00:00Z"
Load = Callable[..., None]


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path)


@pytest.fixture
def load(fleet: Fleet) -> Load:
    """Load what an image has, and a scan of it of a day."""

    def loaded(
        number: int, day: str, packages: Iterable[str], *findings: tuple[str, str, str]
    ) -> None:
        component = {"type": "container", "name": "shop/app:1", "version": digest(number)}
        times = {"timestamp": f"2025-12-{number:02}T00:00:00Z", "component": component}
        fleet.write(f"{number}-sbom.json", sbom(number, packages, **times))
        fleet.write(f"{number}-{day}-scan.json", scan(number, day, findings))
        assert fleet.index().refused == ()

    return loaded


def asked(fleet: Fleet, until: str = "2026-11-30", since: str = "", **given: Any) -> Trends:
    start = f"{since}T00:00:00Z" if since else ""
    return trends(fleet.store, Period(start, f"{until}T23:59:59Z", **given))


def test_an_upgrade_fixes_and_what_stays_grows_old(fleet: Fleet, load: Load) -> None:
    load(1, "2026-01-01", [A, B], ("CVE-1", A, "high"), ("CVE-2", B, "low"))
    load(2, "2026-01-21", [A.replace("@1", "@2"), B], ("CVE-2", B, "low"))
    found = asked(fleet, "2026-04-11")
    (fix,) = found.fixes
    assert (fix.severity, fix.fixed, fix.median, fix.longest, fix.within_30) == (
        "high",
        1,
        20,
        20,
        1,
    )
    (age,) = found.ages
    assert (age.severity, age.up_to_90, age.up_to_180, age.oldest) == ("low", 0, 1, 100)
    (row,) = found.rows
    assert (row.image, row.digest, row.states) == ("shop/app:1", digest(2), 2)
    assert (row.open, row.oldest, row.fixed, row.median) == (1, 100, 1, 20)
    assert found.not_known == ()


def test_an_upgrade_that_closes_nothing_leaves_the_finding(fleet: Fleet, load: Load) -> None:
    newer = A.replace("@1", "@2")
    load(1, "2026-01-01", [A], ("CVE-1", A, "high"))
    load(2, "2026-02-01", [newer], ("CVE-1", newer, "high"))
    found = asked(fleet, "2026-02-10")
    assert (found.fixes, found.rows[0].open, found.rows[0].oldest) == ((), 1, 40)


@pytest.mark.parametrize("after", [1, 2], ids=["the same image", "another image"])
def test_an_advisory_that_is_withdrawn_is_no_fix(fleet: Fleet, load: Load, after: int) -> None:
    load(1, "2026-01-01", [A], ("CVE-1", A, "high"))
    load(after, "2026-02-01", [A])
    found = asked(fleet)
    assert (found.fixes, found.withdrawn, found.undecided) == ((), 1, 0)


def test_without_an_inventory_it_is_not_known_whether_it_was_fixed(
    fleet: Fleet, load: Load
) -> None:
    load(1, "2026-01-01", [A], ("CVE-1", A, "high"))
    fleet.write("other.json", scan(2, "2026-02-01", ()))
    fleet.index()
    found = asked(fleet)
    assert (found.fixes, found.withdrawn, found.undecided) == ((), 0, 1)
    assert found.rows[0].not_known == 1


def test_an_image_without_a_scan_is_not_known_and_never_zero(fleet: Fleet) -> None:
    fleet.write("1.json", sbom(1, [A]))
    fleet.index()
    found = asked(fleet)
    assert found.not_known[0].images == 1
    assert "no scan" in found.not_known[0].why
    assert (found.rows[0].open, found.rows[0].oldest) == (None, None)


def test_a_name_that_moved_to_an_image_without_a_scan_is_not_known(
    fleet: Fleet, load: Load
) -> None:
    load(1, "2026-01-01", [A], ("CVE-1", A, "high"))
    component = {"type": "container", "name": "shop/app:1", "version": digest(2)}
    fleet.write("2.json", sbom(2, [A], timestamp=f"2026-03-01{DAY}", component=component))
    fleet.index()
    found = asked(fleet)
    assert (found.ages, found.rows[0].open, found.not_known[0].images) == ((), None, 1)
    assert asked(fleet, "2026-02-01").rows[0].open == 1


def test_loads_in_any_order_give_one_history(fleet: Fleet, load: Load) -> None:
    load(2, "2026-02-01", [A.replace("@1", "@2")])
    load(1, "2026-01-01", [A], ("CVE-1", A, "high"))
    found = asked(fleet)
    assert [(fix.fixed, fix.median) for fix in found.fixes] == [(1, 31)]


def _ids(state: State) -> list[str]:
    return [row[0] for row in state.findings or ()]


def history(fleet: Fleet) -> list[tuple[str, ...]]:
    """Return the states of shop/app:1, each with its days and the advisories of it."""
    with opened(fleet.store, write=False) as database:
        return [
            (each.digest, each.at, each.until, *("?" if each.findings is None else _ids(each)))
            for each in History(database).states("shop/app:1")
        ]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_a_roll_back_in_any_order_is_open_again(
    fleet: Fleet, load: Load, order: tuple[int, ...]
) -> None:
    """One image, another one without the finding, and the first one again."""
    loads: list[Any] = [
        (1, "2026-01-01", [A], ("CVE-1", A, "high")),
        (2, "2026-02-01", []),
        (1, "2026-03-01", [A], ("CVE-1", A, "high")),
    ]
    for each in order:
        load(*loads[each])
    found = asked(fleet, "2026-03-11")
    assert [(fix.fixed, fix.median) for fix in found.fixes] == [(1, 31)]
    assert (found.rows[0].open, found.rows[0].oldest, found.rows[0].states) == (1, 10, 3)


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_documents_in_any_order_give_one_history(fleet: Fleet, order: tuple[int, ...]) -> None:
    """Also if a name has no scan at first, and the image has another name in one of them."""

    def listed(number: int, day: str, name: str) -> bytes:
        component = {"type": "container", "name": name, "version": digest(number)}
        return sbom(number, [A], timestamp=f"{day}{DAY}", component=component)

    documents = [
        listed(1, "2026-04-01", "shop/app:2"),
        scan(1, "2026-01-01", [("CVE-1", A, "high")]),
        listed(2, "2026-02-01", "shop/app:1"),
        scan(1, "2026-03-01", [("CVE-1", A, "high")]),
    ]
    for each in order:
        fleet.index(fleet.write(f"{each}.json", documents[each]))
    assert history(fleet) == [
        (digest(1), f"2026-01-01{DAY}", f"2026-01-01{DAY}", "CVE-1"),
        (digest(2), f"2026-02-01{DAY}", f"2026-02-01{DAY}", "?"),
        (digest(1), f"2026-03-01{DAY}", f"2026-03-01{DAY}", "CVE-1"),
    ]
    assert [row.image for row in asked(fleet).rows] == ["shop/app:1"]


def test_a_tag_that_is_seen_again_without_a_scan_has_the_findings_of_the_scan_before(
    fleet: Fleet,
) -> None:
    """The tag of a registry is rolled back, and only its name is looked at."""
    found = FindingFact("CVE-1", A, "high", "present")
    with opened(fleet.store, write=True) as database, database.writing():
        for number, month, findings in ((1, 1, [found]), (2, 2, [])):
            day = f"2026-0{month}-01{DAY}"
            put_state(database, Named("shop/app:1", digest(number), day, day), findings)
        assert still(database, Named("shop/app:1", digest(1), f"2026-03-01{DAY}"))
        put_state(database, Named("shop/app:1", digest(1), f"2026-04-01{DAY}"), ())
        assert not still(database, Named("shop/app:1", digest(3), f"2026-05-01{DAY}"))
    assert history(fleet) == [
        (digest(1), f"2026-01-01{DAY}", f"2026-01-01{DAY}", "CVE-1"),
        (digest(2), f"2026-02-01{DAY}", f"2026-02-01{DAY}"),
        (digest(1), f"2026-03-01{DAY}", f"2026-04-01{DAY}", "CVE-1"),
    ]


def test_an_old_scan_that_is_loaded_today_is_old(fleet: Fleet) -> None:
    """A tag of a registry is seen today; what is attached to it was made a year before."""
    old, today = f"2025-01-01{DAY}", f"2026-11-30{DAY}"
    finding = FindingFact("CVE-1", A, "high", "present")
    facts = ImageFacts(Known((digest(1),), ("shop/app:1",)), (), findings=(finding,), scanned=old)
    with opened(fleet.store, write=True) as database, database.writing():
        named = state_of(facts, today, live=True)
        assert named is not None
        put_state(database, named, [finding])
        assert still(database, Named("shop/app:1", digest(1), f"2026-11-30T13{DAY[3:]}"))
    found = asked(fleet)
    assert (found.rows[0].open, found.rows[0].oldest) == (1, 698)
    assert (found.rows[0].first, found.not_known) == (today, ())
    (unknown,) = asked(fleet, max_age=30).not_known
    assert unknown.why == "its last scan is more than 30 days older"
    assert asked(fleet, max_age=30).rows[0].open is None


def test_a_fix_stays_one_when_the_image_is_forgotten(fleet: Fleet, load: Load) -> None:
    """`forget --older-than` removes every old digest of a name that is still loaded."""
    load(1, "2026-01-01", [A, B], ("CVE-1", A, "high"), ("CVE-2", B, "low"))
    load(2, "2026-02-01", [B])
    load(3, "2026-03-01", [])
    before = asked(fleet)
    assert (before.rows[0].fixed, before.withdrawn, before.undecided) == (1, 1, 0)
    forget(fleet.store, ForgetRequest((digest(1), digest(2))))
    assert asked(fleet).rows == before.rows
    assert (asked(fleet).withdrawn, asked(fleet).undecided) == (1, 0)
    forget(fleet.store, ForgetRequest((digest(3),)))
    with opened(fleet.store, write=False) as database:
        assert database.rows("SELECT count(*) FROM forgotten_package") == [(0,)]


def test_a_name_that_begins_after_the_period_is_not_counted(fleet: Fleet, load: Load) -> None:
    load(1, "2026-03-01", [A])
    assert (asked(fleet, "2026-02-01").images, asked(fleet).images) == (0, 1)


def test_the_rows_of_findings_heed_the_age_of_the_last_scan(fleet: Fleet, load: Load) -> None:
    load(1, "2026-01-01", [A], ("CVE-1", A, "high"))
    words = ("trends", "--store", fleet.store, "--until", "2026-06-01", "--csv")
    outcomes = []
    for more in ((), ("--max-age", "30")):
        said = CliRunner().invoke(command, (*words, *more), standalone_mode=False).stdout
        outcomes += [row["outcome"] for row in csv.DictReader(io.StringIO(said))]
    assert outcomes == ["open", "not known"]


UNREAD = {"type": "library", "name": "odd", "version": "1", "purl": "pkg:"}
DEB = "pkg:deb/debian/libx1@1.0?arch=amd64&distro=debian-12"


@pytest.mark.parametrize(
    ("packages", "fixed", "withdrawn", "undecided"),
    [
        (["pkg:deb/debian/libx1@1.0?arch=amd64"], 0, 1, 0),
        (["pkg:deb/debian/libx1@1.1?arch=amd64"], 1, 0, 0),
        ([UNREAD], 0, 0, 1),
        ([DEB, UNREAD], 0, 1, 0),
    ],
    ids=["other qualifiers", "another version", "parts unread", "there, and parts unread"],
)
def test_whether_a_package_is_still_there(
    fleet: Fleet, load: Load, packages: list[Any], fixed: int, withdrawn: int, undecided: int
) -> None:
    load(1, "2026-01-01", [DEB], ("CVE-1", DEB, "high"))
    load(2, "2026-02-01", packages)
    found = asked(fleet)
    counts = found.rows[0].fixed, found.withdrawn, found.undecided
    assert counts == (fixed, withdrawn, undecided)


def test_images_by_digest_have_a_history_each(fleet: Fleet) -> None:
    """Two digests of a repository are not one image that was fixed."""
    for number, day, *findings in (
        (1, "2026-01-01", ("CVE-1", A, "high")),
        (2, "2026-02-01"),
    ):
        name = f"r.example/x@{digest(number)}"
        component = {"type": "container", "name": name, "version": digest(number)}
        times = {"timestamp": f"2025-12-01{DAY}", "component": component}
        fleet.write(f"{number}.json", sbom(number, [], **times))
        document = json.loads(scan(number, day, findings))
        fleet.write(f"{number}-scan.json", json.dumps({**document, "subject": name}).encode())
    fleet.index()
    found = asked(fleet)
    assert [(row.image, row.open) for row in found.rows] == [
        (f"r.example/x@{digest(1)}", 1),
        (f"r.example/x@{digest(2)}", 0),
    ]
    assert found.fixes == ()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("docker://r.example:5000/x:1", "r.example:5000/x:1"),
        (f"r.example/x:1@{digest(1)}", "r.example/x:1"),
        (f"r.example:5000/x@{digest(1)}", f"r.example:5000/x@{digest(1)}"),
        ("shop/app", "shop/app"),
        (digest(1), ""),
        ("name:shop/app", ""),
    ],
)
def test_the_name_that_a_history_is_kept_by(name: str, kept: str) -> None:
    assert lineage(name) == kept


def test_a_store_of_an_older_careen_is_not_known_until_it_is_loaded_again(
    fleet: Fleet, load: Load
) -> None:
    load(1, "2026-01-01", [A], ("CVE-1", A, "high"))
    with opened(fleet.store, write=True) as database, database.writing():
        forget_states(database, ["shop/app:1"])
    found = asked(fleet)
    assert (found.images, found.rows) == (1, ())
    assert [(each.why, each.images) for each in found.not_known] == [(NO_HISTORY, 1)]
    assert fleet.index().unchanged == 0
    assert asked(fleet).rows[0].open == 1
    assert fleet.index().unchanged == 2


def test_an_image_without_a_name_is_not_known(fleet: Fleet) -> None:
    component = {"type": "container", "name": "", "version": digest(1)}
    fleet.write("1.json", sbom(1, [A], component=component))
    fleet.index()
    assert fleet.index().unchanged == 1
    (unknown,) = asked(fleet).not_known
    assert (unknown.why, unknown.examples) == (NO_HISTORY, (digest(1),))


def test_a_period_counts_the_fixes_that_fall_into_it(fleet: Fleet, load: Load) -> None:
    load(1, "2026-01-01", [A, B], ("CVE-1", A, "high"), ("CVE-2", B, "low"))
    load(2, "2026-02-01", [B], ("CVE-2", B, "low"))
    load(3, "2026-05-01", [])
    assert [fix.severity for fix in asked(fleet, since="2026-03-01").fixes] == ["low"]
    assert [fix.severity for fix in asked(fleet, "2026-03-01").fixes] == ["high"]
    assert asked(fleet, max_age=30).not_known[0].images == 1
    with pytest.raises(InputError, match="no image has such a name"):
        asked(fleet, globs=("other/*",))


def test_the_answer_as_table_json_and_csv(fleet: Fleet, load: Load) -> None:
    load(1, "2026-01-01", [A], ("=CVE\x1b[31m", A, "high"))
    load(2, "2026-01-21", [])
    words = ("trends", "--store", fleet.store, "--until", "2026-02-01")

    def said(*more: str) -> str:
        return CliRunner().invoke(command, (*words, *more), standalone_mode=False).stdout

    assert "Days to fix" in said()
    assert "\x1b" not in said()
    assert (
        said("-q") == "1 image up to 2026-02-01: 0 open findings, 1 fixed; not known for 0 images\n"
    )
    assert json.loads(said("--json"))["fixes"][0]["median"] == 20
    (row,) = csv.DictReader(io.StringIO(said("--csv")))
    assert (row["outcome"], row["days"], row["found"][:10]) == ("fixed", "20", "2026-01-01")
    assert row["advisory"].startswith("'=CVE")
