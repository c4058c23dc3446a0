"""The user's globs, refusals, packages, explanations and the stored form."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from careen.errors import ConfigError, EvidenceError, InputError
from careen.model.explanation import Decision
from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.plan import Level, Outcome
from careen.model.rbom import RunKind
from careen.model.runs.trace import Use
from careen.plan.core.globs import PathIndex
from careen.plan.core.rules import RuleSet, load_rules, parse_rules
from careen.plan.decide import MECHANISMS, Policy, decide
from careen.plan.explain import explain
from careen.plan.keepfile import read_keep_from
from careen.plan.store import read_plan, write_plan
from tests.support.plans import NO_RULES, Case, Files, elf, package, plan_for, scene_of
from tests.support.trees import Exec, Link, tree

SCHEMA = Path(__file__).parents[3] / "docs" / "schema" / "plan-1.schema.json"
A = package(
    Ecosystem.DEB,
    "a",
    ("/usr/bin/a", "/usr/share/doc/a/copyright"),
    licences=(ImagePath("/usr/share/doc/a/copyright"),),
    depends=("b|c",),
)
B = package(Ecosystem.DEB, "b", ("/usr/share/b/x", "/usr/share/b/y"))
FILES: Files = {
    "/usr/bin/a": elf(("liba.so",)),
    "/usr/lib/liba.so": elf(),
    "/usr/share/doc/a/copyright": "free",
    "/usr/share/b/x": Exec(b"x"),
    "/usr/share/b/y": "yy",
    "/opt/big/one": "1",
    "/opt/big/two": "2",
}
CASE = Case(FILES, {"/usr/bin/a": Use.EXECUTED}, (), packages=(A, B))


def policy(level: Level) -> Policy:
    return Policy(level, (), (), NO_RULES, "a" * 64)


def test_a_users_keep_brings_the_libraries_of_what_it_names() -> None:
    case = Case(
        {"/x/tool": elf(("libq.so",)), "/usr/lib/libq.so": elf()}, {}, (), level=Level.OBSERVED
    )
    plan = plan_for(case, keep=("/x",))
    assert plan.keep[ImagePath("/x/tool")].code == "user-keep"
    assert plan.keep[ImagePath("/usr/lib/libq.so")].code == "elf-needed"
    assert ImagePath("/x/tool") in plan_for(case).remove


def test_keep_wins_over_remove_and_a_used_path_that_is_removed_is_told() -> None:
    plan = plan_for(CASE, keep=("/opt/big/one",), remove=("/opt/big", "/usr/bin/a", "/nowhere/*"))
    assert ImagePath("/opt/big/one") in plan.keep
    assert plan.remove[ImagePath("/opt/big/two")].code == "user-remove"
    assert ImagePath("/usr/bin/a") in plan.remove
    assert any("paths that the workload used, /usr/bin/a first" in note for note in plan.notes)
    assert any("--remove '/nowhere/*' matches no path" in note for note in plan.notes)


def test_what_exploration_alone_used_is_not_told_as_the_workloads() -> None:
    rootfs, inventory, bom, config = scene_of(CASE)
    tried = replace(bom, runs=tuple(replace(run, kind=RunKind.EXPLORATION) for run in bom.runs))
    plan = decide(
        rootfs, inventory, tried, config, replace(policy(Level.CLOSURE), remove=("/usr/bin/a",))
    )
    assert [note for note in plan.notes if "/usr/bin/a first" in note] == [
        (
            "--remove '/usr/bin/a' removes 1 paths that exploration alone used, /usr/bin/a first:"
            " verification may fail"
        )
    ]


def test_a_keep_glob_that_matches_nothing_is_told() -> None:
    assert plan_for(CASE, keep=("*.nope",)).notes == (
        "--keep '*.nope' matches no path of the image",
    )


def test_lost_events_refuse_with_the_count() -> None:
    rootfs, inventory, bom, config = scene_of(CASE, lost=7)
    with pytest.raises(EvidenceError, match=r"7 events were lost \(7 ring\)"):
        decide(rootfs, inventory, bom, config, policy(Level.CLOSURE))


@pytest.mark.parametrize("level", Level)
def test_names_that_the_index_does_not_know_refuse_as_losses_do(level: Level) -> None:
    rootfs, inventory, bom, config = scene_of(CASE)
    with pytest.raises(
        EvidenceError,
        match=(
            "the kernel resolved 2 names to other files than the image's index, so what it did"
            " not see may be needed"
        ),
    ):
        decide(rootfs, inventory, replace(bom, unresolved=2), config, policy(level))
    run = replace(
        bom.runs[0],
        sensor=replace(
            bom.runs[0].sensor, notes=("index and kernel disagree about 1 path, first '/etc/x'",)
        ),
    )
    with pytest.raises(
        EvidenceError, match=r"index and kernel disagree about 1 path, first '/etc/x'$"
    ):
        decide(rootfs, inventory, replace(bom, unresolved=2, runs=(run,)), config, policy(level))


def test_observed_refuses_evidence_without_look_ups_and_closure_does_not() -> None:
    rootfs, inventory, bom, config = scene_of(CASE, evidence=frozenset(Use) - {Use.LOOKED_UP})
    with pytest.raises(EvidenceError, match="needs a sensor that sees look-ups"):
        decide(rootfs, inventory, bom, config, policy(Level.OBSERVED))
    assert (
        ImagePath("/usr/bin/a")
        in decide(rootfs, inventory, bom, config, policy(Level.CLOSURE)).keep
    )


def test_the_rbom_of_another_image_is_refused() -> None:
    rootfs, inventory, bom, config = scene_of(CASE)
    other = replace(bom, image=replace(bom.image, diff_ids=("sha256:" + "1" * 64,)))
    with pytest.raises(InputError, match="describes another image"):
        decide(rootfs, inventory, other, config, policy(Level.CLOSURE))


def test_packages_are_counted_and_a_broken_dependency_is_named() -> None:
    packages = plan_for(CASE).packages
    assert packages[A.purl].outcome is Outcome.KEPT
    assert (
        packages[B.purl].outcome,
        packages[B.purl].removed_files,
        packages[B.purl].removed_bytes,
    ) == (Outcome.REMOVED, 2, 3)
    assert packages[B.purl].broken == (A.purl,)


def test_another_provider_that_stays_breaks_nothing() -> None:
    c = package(Ecosystem.DEB, "other", ("/usr/bin/c",), provides=("c",))
    case = Case(
        {**FILES, "/usr/bin/c": elf()},
        {"/usr/bin/a": Use.EXECUTED, "/usr/bin/c": Use.EXECUTED},
        (),
        packages=(A, B, c),
    )
    assert plan_for(case).packages[B.purl].broken == ()


def test_a_package_of_which_only_the_licence_was_read_is_removed_whole() -> None:
    case = Case(
        FILES, {"/usr/share/doc/a/copyright": Use.OPENED}, (), packages=(A, B), level=Level.OBSERVED
    )
    plan = plan_for(case)
    assert plan.packages[A.purl].outcome is Outcome.REMOVED
    assert plan.remove[ImagePath("/usr/share/doc/a/copyright")].code == "package-removed"
    assert ImagePath("/usr/share/doc") not in plan.keep


def test_why_leads_back_to_the_observation() -> None:
    rootfs, inventory, bom, _ = scene_of(CASE)
    answer = explain(plan_for(CASE), rootfs, inventory, bom, ImagePath("/usr/lib/liba.so"))
    assert answer.decision is Decision.KEEP
    assert [(step.path, step.reason.code) for step in answer.chain] == [
        ("/usr/lib/liba.so", "elf-needed"),
        ("/usr/bin/a", "observed"),
    ]
    assert explain(plan_for(CASE), rootfs, inventory, bom, ImagePath("/usr/share/b/x")).owners == (
        B.purl,
    )


def test_why_says_that_a_path_never_existed_and_names_the_nearest() -> None:
    rootfs, inventory, bom, _ = scene_of(CASE)
    with pytest.raises(
        InputError, match=r"never had the path '/usr/lib/libaa.so'; nearest is '/usr/lib/liba.so'"
    ):
        explain(plan_for(CASE), rootfs, inventory, bom, ImagePath("/usr/lib/libaa.so"))


def test_a_stored_plan_reads_back_equal_and_fits_the_schema() -> None:
    plan = plan_for(CASE, rules=load_rules())
    data = write_plan(plan)
    jsonschema.validate(json.loads(data), json.loads(SCHEMA.read_text()))
    assert read_plan(data) == plan
    assert write_plan(read_plan(data)) == data


def test_a_name_that_is_not_utf8_survives_storing() -> None:
    path = ImagePath("/data/\udcff")
    plan = plan_for(Case({path: "x"}, {path: Use.OPENED}, ()))
    assert path in read_plan(write_plan(plan)).keep


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"version": 2},
            r"plan\.format: expected 'careen\.plan' version 1, got 'careen\.plan' version 2",
        ),
        ({"level": "half"}, r"plan\.level: expected one of observed, closure, package, got 'half'"),
        ({"extra": 1}, r"plan: unknown key 'extra'"),
        (
            {"keep": [{"code": "x", "detail": "", "paths": ["/a/../b"]}]},
            r"plan\.keep\[0\]\.paths\[0\]: path leaves the image root",
        ),
        (
            {"keep": [{"code": "x", "detail": "", "paths": ["a"]}]},
            r"plan\.keep\[0\]\.paths\[0\]: expected an absolute, normalised path, got 'a'",
        ),
        (
            {"remove": [{"code": "x", "detail": "", "paths": ["/q", "/q"]}]},
            r"plan\.remove\[0\]\.paths\[1\]: this path was already decided",
        ),
        ({"rbom_sha256": "zz"}, r"plan\.rbom_sha256: expected 64 hex characters, got 'zz'"),
        ({"packages": [{}]}, r"plan\.packages\[0\]: key 'broken' is missing"),
    ],
)
def test_a_bad_plan_is_refused_with_its_place(change: dict[str, object], message: str) -> None:
    document = {**json.loads(write_plan(plan_for(CASE))), **change}
    with pytest.raises(ConfigError, match=message):
        read_plan(json.dumps(document).encode())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version = 1\n[[rule]\n", r"r\.toml: not valid TOML: .*line 2"),
        ("version = 3\n", r"r\.toml: version: expected 1, got 3"),
        ('version = 1\n[[rule]]\nid = "A"\n', r"r\.toml: rule\[0\]\.id: expected lower-case"),
        (
            'version = 1\n[[rule]]\nid = "a"\nkeep = ["/x"]\nsource = "s"\n',
            r"rule\[0\] \(a\)\.reason: expected a text, got None",
        ),
        (
            (
                'version = 1\n[[rule]]\nid = "a"\nreason = "r"\nsource = "s"\nkeep ='
                ' ["/a"]\nonly_foreign = true\n'
            ),
            "only_foreign: expected true or false beside drop",
        ),
        (
            'version = 1\n[[rule]]\nid = "a"\nreason = "r"\nsource = "s"\n',
            r"rule\[0\] \(a\): does nothing",
        ),
        (
            'version = 1\n[[rule]]\nid = "a"\nreason = "r"\nsource = "s"\nkeep = ["/a/../b"]\n',
            r"\(a\)\.keep\[0\]: a glob must not contain '\.\.'",
        ),
        (
            (
                'version = 1\n[[rule]]\nid = "a"\nreason = "r"\nsource = "s"\ndrop = ["/a"]\nwhen ='
                ' {kept = ["/b"]}\n'
            ),
            "drop may not depend on 'kept'",
        ),
        (
            (
                'version = 1\n[[rule]]\nid = "a"\nreason = "r"\nsource = "s"\ndrop = ["/a"]\nunless'
                ' = {rule = ["b"]}\n'
            ),
            "drop may not depend on another rule",
        ),
        (
            (
                'version = 1\n[[rule]]\nid = "a"\nreason = "r"\nsource = "s"\nkeep = ["/a"]\nlevels'
                ' = ["most"]\n'
            ),
            r"levels: expected observed, closure or package",
        ),
        (
            (
                'version = 1\n[[rule]]\nid = "a"\nreason = "r"\nsource = "s"\nkeep = ["/a"]\nwhen ='
                ' {image = ["x"]}\n'
            ),
            r"\.when: unknown key 'image'",
        ),
        (
            (
                'version = 1\n[[rule]]\nid = "a"\nreason = "r"\nsource = "s"\nkeep = ["/a"]\nwhen ='
                ' {libc = ["bionic"]}\n'
            ),
            "expected glibc or musl, got 'bionic'",
        ),
        (f"version = {'9' * 5000}\n", "r.toml: not valid TOML: "),
    ],
)
def test_a_bad_rule_file_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_rules(text.encode(), "r.toml")


def test_a_users_rule_applies_and_may_not_take_an_id(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        'version = 1\n[[rule]]\nid = "mine"\nreason = "r"\nsource = "s"\nkeep ='
        ' ["/opt/big/*"]\nwhen = {executed = ["a"]}\n'
    )
    assert (
        plan_for(CASE, rules=load_rules([own])).keep[ImagePath("/opt/big/two")].code == "rule:mine"
    )
    own.write_text(
        'version = 1\n[[rule]]\nid = "libgcc-s"\nreason = "r"\nsource = "s"\nkeep = ["/x"]\n'
    )
    with pytest.raises(ConfigError, match=r"'libgcc-s' is already used in 10-system\.toml"):
        load_rules([own])
    own.write_text(
        'version = 1\n[[rule]]\nid = "mine"\nreason = "r"\nsource = "s"\nkeep = ["/x"]\nunless ='
        ' {rule = ["libgcc-s"]}\n'
    )
    with pytest.raises(
        ConfigError, match=r"rule mine depends on 'libgcc-s', which is no rule with drop"
    ):
        load_rules([own])


def test_a_keep_file_gives_its_globs_and_names_a_bad_line(tmp_path: Path) -> None:
    path = tmp_path / "keep"
    path.write_text("# all\n/a/**\n\n  *.so  # libraries\n/b#c\n")
    assert read_keep_from(path) == ("/a/**", "*.so", "/b#c")
    path.write_text("/a\n/b/../c\n")
    with pytest.raises(ConfigError, match=r"keep:2: a glob must not contain '\.\.'"):
        read_keep_from(path)


@pytest.mark.parametrize(
    ("glob", "expected"),
    [
        ("/a/*", ["/a/b", "/a/x.so"]),
        ("/a/**", ["/a", "/a/b", "/a/b/c.so", "/a/x.so"]),
        ("*.so", ["/a/b/c.so", "/a/x.so"]),
        ("b/**", ["/a/b", "/a/b/c.so"]),
        ("/a/?/[cd].so", ["/a/b/c.so"]),
        ("/a/x.so", ["/a/x.so"]),
        ("/**/x.so", ["/a/x.so"]),
        ("/nope", []),
    ],
)
def test_globs(glob: str, expected: list[str]) -> None:
    assert list(PathIndex(tree({"/a/b/c.so": "", "/a/x.so": "", "/d": ""})).match(glob)) == expected


def test_every_chain_of_reasons_ends_with_evidence_also_when_it_starts_at_a_link() -> None:
    files: Files = {
        "/usr/bin/cc": Link("../../etc/alternatives/cc"),
        "/etc/alternatives/cc": Link("/usr/bin/gcc-14"),
        "/usr/bin/gcc-14": elf(),
        "/app/run.sh": "",
    }
    rules = parse_rules(b"""version = 1
[[rule]]
id = "compiler"
reason = "it compiles"
source = "a test"
commands = ["cc"]
""", "rules.toml")  # fmt: skip
    case = Case(files, {}, (), run={"Env": ["PATH=/usr/bin"]}, rules=RuleSet(tuple(rules)))
    rootfs, inventory, bom, _ = scene_of(case)
    plan = plan_for(case)
    for link in ("/usr/bin/cc", "/etc/alternatives/cc"):
        chain = explain(plan, rootfs, inventory, bom, ImagePath(link)).chain
        assert [(step.path, step.reason.code) for step in chain] == [
            (link, "symlink"),
            ("/usr/bin/gcc-14", "rule:compiler"),
        ]


def test_removing_the_record_of_a_package_that_stays_is_told() -> None:
    files: Files = {
        "/usr/bin/a": elf(),
        "/var/lib/dpkg/status": "Package: a",
        "/site/foo/__init__.py": "x",
        "/site/foo-1.dist-info/METADATA": "m",
    }
    metadata = (ImagePath("/site/foo-1.dist-info/METADATA"),)
    foo = package(Ecosystem.PYPI, "foo", ("/site/foo/__init__.py", *metadata), metadata=metadata)
    tool = package(Ecosystem.DEB, "a", ("/usr/bin/a",))
    case = Case(
        files,
        {"/usr/bin/a": Use.EXECUTED, "/site/foo/__init__.py": Use.OPENED},
        (),
        packages=(tool, foo),
    )
    told = (
        "--remove takes away /var/lib/dpkg/status, the record of a, although files of it stay:"
        " scanners will not find it"
    )
    assert told in plan_for(case, remove=("/var/lib/dpkg/**",)).notes
    assert any(
        "METADATA, the record of foo, although files of it stay" in note
        for note in plan_for(case, remove=("*.dist-info",)).notes
    )
    assert not any("record of" in note for note in plan_for(case, remove=("/site",)).notes)


@pytest.mark.parametrize("level", list(Level))
def test_metadata_that_was_asked_for_by_name_stays(level: Level) -> None:
    """`importlib.metadata.version("b")` of a distribution that is never imported; a listing of all
    of them is another matter.
    """
    names = ("a", "b", "c", "d")
    records = {item: ImagePath(f"/site/{item}-1.dist-info/METADATA") for item in names}
    files: Files = {
        path: item for item, record in records.items() for path in (f"/site/{item}.py", record)
    }
    found = tuple(
        package(
            Ecosystem.PYPI, item, (f"/site/{item}.py", records[item]), metadata=(records[item],)
        )
        for item in names
    )
    asked = plan_for(Case(files, {records["b"]: Use.OPENED}, (), packages=found), level)
    assert [item for item in names if records[item] in asked.keep] == ["b"]
    assert asked.packages["pkg:pypi/b@1"].outcome is not Outcome.REMOVED
    listed = plan_for(
        Case(files, dict.fromkeys(records.values(), Use.OPENED), (), packages=found), level
    )
    assert not any(record in listed.keep for record in records.values())


def test_a_sensor_that_sees_no_look_ups_keeps_what_only_a_look_up_would_show() -> None:
    files: Files = {
        "/opt/mark": "",
        "/opt/data": "x",
        "/usr/lib/b.so": Link("a.so"),
        "/usr/lib/a.so": "lib",
        "/usr/share/b/x": "x",
    }
    other = package(Ecosystem.DEB, "b", ("/usr/lib/b.so", "/usr/share/b/x"))
    case = Case(files, {"/usr/lib/a.so": Use.OPENED}, (), packages=(other,))
    paths = ("/opt/mark", "/usr/share/b", "/usr/lib/b.so")
    rootfs, inventory, bom, config = scene_of(
        case, frozenset({Use.EXECUTED, Use.OPENED, Use.LISTED})
    )
    unseeing = decide(rootfs, inventory, bom, config, policy(Level.CLOSURE))
    assert all(ImagePath(path) in unseeing.keep for path in paths)
    assert ImagePath("/opt/data") in unseeing.remove
    assert all(ImagePath(path) in plan_for(case).remove for path in paths)


def test_the_mechanisms_are_documented() -> None:
    page = (SCHEMA.parents[1] / "plan.md").read_text(encoding="utf-8")
    assert [item.id for item in MECHANISMS if f"| `{item.id}` |" not in page] == []


def test_a_package_stays_that_owns_the_licence_of_another() -> None:
    """libgcc-s1's copyright is a file of gcc-14-base: one that left the database would leave a file
    behind that nobody lists.
    """
    files: Files = {
        "/usr/lib/libgcc.so": elf(),
        "/usr/share/doc/base/copyright": "free",
        "/var/lib/dpkg/info/base.list": "x",
        "/var/lib/dpkg/info/other.list": "x",
    }
    licence = ImagePath("/usr/share/doc/base/copyright")
    libgcc = package(
        Ecosystem.DEB, "libgcc", ("/usr/lib/libgcc.so",), licences=(licence,), depends=("base",)
    )
    base = package(
        Ecosystem.DEB,
        "base",
        (licence,),
        licences=(licence,),
        metadata=(ImagePath("/var/lib/dpkg/info/base.list"),),
    )
    plan = plan_for(Case(files, {"/usr/lib/libgcc.so": Use.MAPPED}, (), packages=(libgcc, base)))
    assert plan.packages["pkg:deb/base@1"].outcome is Outcome.KEPT
    assert ImagePath("/var/lib/dpkg/info/base.list") in plan.keep
    assert plan.packages["pkg:deb/base@1"].broken == ()


def test_a_package_of_which_no_file_is_known_keeps_its_records() -> None:
    """A metapackage of an image without /usr/share/doc, or one whose list cannot be read: in the
    status without a list it would break the database.
    """
    files: Files = {"/usr/bin/a": elf(), "/var/lib/dpkg/info/meta.list": "/.\n"}
    meta = package(Ecosystem.DEB, "meta", (), metadata=(ImagePath("/var/lib/dpkg/info/meta.list"),))
    for level in Level:
        plan = plan_for(Case(files, {"/usr/bin/a": Use.EXECUTED}, (), packages=(meta,)), level)
        assert plan.packages["pkg:deb/meta@1"].outcome is Outcome.KEPT
        assert ImagePath("/var/lib/dpkg/info/meta.list") in plan.keep


@pytest.mark.timeout(60)
def test_a_distribution_of_licences_takes_no_square_of_their_number() -> None:
    licences = tuple(
        ImagePath(f"/site/foo-1.dist-info/licenses/{number:05}") for number in range(10_000)
    )
    foo = package(Ecosystem.PYPI, "foo", (*licences, "/site/foo/__init__.py"), licences=licences)
    files: Files = {**dict.fromkeys(licences, "free"), "/site/foo/__init__.py": "x"}
    plan = plan_for(Case(files, dict.fromkeys(files, Use.OPENED), (), packages=(foo,)))
    assert plan.packages["pkg:pypi/foo@1"].kept_files == 10_001


def test_the_directory_of_a_distributions_metadata_goes_with_the_distribution() -> None:
    site = "/usr/lib/python3/site-packages"
    unused = package(
        Ecosystem.PYPI,
        "unused",
        (f"{site}/unused.py", f"{site}/unused-1.dist-info/METADATA"),
        metadata=(ImagePath(f"{site}/unused-1.dist-info/METADATA"),),
        modules=("unused",),
    )
    case = Case(
        {f"{site}/unused.py": "", f"{site}/unused-1.dist-info/METADATA": "Name: unused\n"},
        {site: Use.OPENED, f"{site}/unused-1.dist-info": Use.OPENED},
        (),
        packages=(unused,),
    )
    plan = plan_for(case)
    assert plan.remove[ImagePath(f"{site}/unused-1.dist-info")].code == "package-removed"
    assert ImagePath(site) in plan.keep
