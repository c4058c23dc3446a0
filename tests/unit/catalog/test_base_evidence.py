"""What a build of a base leaves: provenance, and the gate on findings with a fix."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from careen.catalog import user_namespace
from careen.catalog.entries import load_catalog
from careen.catalog.lock_file import written
from careen.catalog.recipe import recipe
from careen.catalog.user_namespace import LEFTOVER, mapped, remove_mapped, require_mapped
from careen.cli.verbs.base import command
from careen.errors import InputError, PolicyError, ToolError
from careen.evidence.attest.base import base_provenance
from careen.model.catalog.built import BuiltBase
from careen.model.catalog.entry import Variant
from careen.model.catalog.lock import Lock, LockedPackage, Step
from careen.model.findings.advisory import Feed
from careen.model.measure import Measure
from careen.model.packages.distribution import Distribution
from careen.pipeline.catalog import build
from careen.pipeline.catalog.build import BuildRequest
from careen.pipeline.catalog.evidence import own_date, require_no_fix
from careen.pipeline.run.session import all_cleaners
from careen.pipeline.run.settings import Destination
from careen.tools.process import Finished
from tests.support.scan_reports import REPORT

LOCK = Lock(
    entry="debian:trixie",
    variant="runtime",
    architecture="amd64",
    created="2026-11-30T00:00:00Z",
    sources=("deb https://mirror.test/debian trixie main",),
    steps=(
        Step("debian:trixie", (LockedPackage("libstdc++6", "amd64", "1:14+x~1", "a" * 64),)),
        Step("dev", (LockedPackage("gcc", "amd64", "4", "b" * 64),)),
    ),
)


def test_provenance_names_each_package_with_its_digest() -> None:
    figures = Measure("x", "sha256:1", 1, 1, {}, 0, 0, 0, 0, 0)
    used = ("deb https://other.test/debian trixie main",)
    built = BuiltBase("debian:trixie", "dev", figures, (), LOCK, ("my:1",), sources=used)
    found = base_provenance(built, "2026-11-30T10:00:00Z", "2026-11-30T10:01:00Z", "0.1")
    rows = found["buildDefinition"]["resolvedDependencies"]
    assert [row["digest"]["sha256"][0] for row in rows] == ["b", "a"]
    assert rows[1]["uri"] == "pkg:deb/debian/libstdc%2B%2B6@1:14%2Bx~1?arch=amd64"
    given = found["buildDefinition"]["internalParameters"]
    assert given["sources"] == list(used)
    assert given["lockSources"] == list(LOCK.sources)


def test_a_finding_with_a_fix_is_named() -> None:
    fixable = [item for item in REPORT.findings if item.finding.fixable]
    assert fixable
    with pytest.raises(PolicyError, match=rf"^{len(fixable)} findings have a fix.*nothing was"):
        require_no_fix(REPORT, Path("x.db"))
    rest = tuple(item for item in REPORT.findings if not item.finding.fixable)
    require_no_fix(replace(REPORT, findings=rest, uncovered=()), Path("x.db"))


def test_a_package_that_no_feed_knows_does_not_pass() -> None:
    assert REPORT.uncovered
    with pytest.raises(PolicyError, match=r"1 of \d+ packages not compared.*is unknown.*nothing"):
        require_no_fix(replace(REPORT, findings=()), Path("x.db"))
    nothing = replace(REPORT.inventory, packages={})
    with pytest.raises(PolicyError, match="no package was found"):
        require_no_fix(replace(REPORT, findings=(), inventory=nothing), Path("x.db"))


def test_the_date_is_that_of_the_distributions_own_feed() -> None:
    own = replace(REPORT.inventory, distribution=Distribution("debian", "13"))
    feeds = [
        Feed("osv:Debian", "x", "2026-02-01", "", 1, ecosystems=("Debian:13",)),
        Feed("epss", "x", "2026-11-30", "", 1),
        Feed("osv:PyPI", "x", "2026-01-01", "", 1, ecosystems=("PyPI",)),
    ]
    report = replace(REPORT, inventory=own, feeds=tuple(feeds))
    assert own_date(report) == "2026-02-01"
    undated = (*feeds, Feed("debian-tracker", "x", "", "", 1))
    assert own_date(replace(report, feeds=undated)) == "unknown"
    assert own_date(replace(report, feeds=tuple(feeds[1:]))) == "unknown"
    assert own_date(replace(report, inventory=replace(own, distribution=None))) == "unknown"


def test_without_a_database_nothing_is_said_to_be_fixed() -> None:
    with pytest.raises(InputError, match=r"needs the advisory database 'x\.db'"):
        require_no_fix(None, Path("x.db"))


def test_credentials_in_a_lock_are_not_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "architecture", lambda _: "amd64")
    path = tmp_path / "lock.json"
    source = "deb http://aws:secret@mirror.test/debian trixie main"
    path.write_bytes(written(replace(LOCK, sources=(source,), steps=LOCK.steps[:1])))
    catalog = load_catalog()
    wanted = recipe(catalog, catalog.find("debian:trixie"), Variant.RUNTIME)
    destination = Destination()
    request = BuildRequest("debian:trixie", Variant.RUNTIME, destination, path, lock=path)
    lock = build._lock(request, wanted)
    assert lock is not None
    assert lock.sources == ("deb http://mirror.test/debian trixie main",)


def test_a_build_without_root_and_ids_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = b'unshare: no line matching user "u" in /etc/subuid\n'
    asked: list[list[str]] = []

    def run(argv: list[str], **_: object) -> Finished:
        asked.append(argv)
        return Finished(1, b"", said)

    monkeypatch.setattr(user_namespace, "run", run)
    require_mapped()
    assert asked == []  # root needs none
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    words = [
        "build",
        "debian:trixie",
        "--source",
        "deb http://m.test/ trixie main",
        "-o",
        "oci:out",
    ]
    done = CliRunner().invoke(command, words, standalone_mode=False)
    assert isinstance(done.exception, ToolError)
    told = str(done.exception)
    assert told.startswith(
        "base build: needs root, or user ids that belong to this user (uid 1000)"
    )
    assert 'no line matching user "u" in /etc/subuid' in told
    assert "usermod --add-subuids" in told
    assert "\n" not in told
    assert asked == [[*mapped(), "true"]]
    assert mapped()[1:] == ["--user", "--map-root-user", "--map-auto"]
    said = b"unshare: unshare failed: Operation not permitted\n"  # ids would not help
    with pytest.raises(ToolError, match=r"Operation not permitted\); run it with sudo$"):
        require_mapped()


def test_a_tree_with_files_of_other_owners_is_removed_as_their_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "tree"
    remove_mapped(str(tree))  # it is not there
    (tree / "sub").mkdir(parents=True)
    (tree / "link").symlink_to(tmp_path)
    remove_mapped(str(tree))
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(user_namespace, "run", lambda *_, **__: Finished(1, b"", b"rm: no\n"))
    tree.mkdir()
    with pytest.raises(ToolError, match="tree: rm: no"):
        all_cleaners()[LEFTOVER](str(tree))
