"""`careen rules`: every rule and mechanism as it is listed, what each did in a plan, and those that
did nothing.
"""

import ast
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from careen.cli.main import group
from careen.errors import ConfigError, InputError
from careen.inventory.index import write_index
from careen.model.paths import ImagePath
from careen.model.plan import Level
from careen.model.rulebook import Effect, IdleRule, Rulebook, RuleKind
from careen.model.runs.trace import Use
from careen.pipeline.rules import only, rulebook
from careen.plan.catalogue import SEEDS, mechanism_texts, rule_texts
from careen.plan.core.rules import RuleSet, load_rules, parse_rules
from careen.plan.decide import MECHANISMS, Policy, decide
from careen.plan.store import load_plan, read_plan, write_plan
from careen.report.documents.document import to_json
from careen.report.views.rules import rule_lines
from tests.support.plans import Case, Files, elf, scene_of

ROOT = Path(__file__).parents[3]
MINE = """version = 1
[[rule]]
id = "kept-by-me"
reason = "the yearly report"
source = "our runbook"
keep = ["/srv/report/**"]

[[rule]]
id = "mistyped"
reason = "the yearly report"
source = "our runbook"
keep = ["/srv/rebort/**"]

[[rule]]
id = "never"
reason = "the yearly report"
source = "our runbook"
keep = ["/srv/report/**"]
[rule.when]
imported = ["reportlab"]

[[rule]]
id = "not-here"
reason = "the yearly report"
source = "our runbook"
levels = ["package"]
keep = ["/srv/report/**"]
"""
FILES: Files = {
    "/x": elf(("libcudnn.so.9",)),
    "/usr/lib/libcudnn.so.9": elf(),
    "/usr/lib/libcudnn_ops.so.9": elf(),
    "/srv/report/a.txt": "12345",
    "/srv/report/b.txt": "67",
    "/usr/include/x.h": "0123456789",
    "/var/lib/rpm/rpmdb.sqlite": "",
}


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    return path


def planned(
    folder: Path,
    rules: RuleSet,
    *,
    level: Level = Level.CLOSURE,
    index: bool = True,
    files: Files = FILES,
) -> Path:
    """Write the plan of FILES, and its image's index, as a report directory has them."""
    folder.mkdir()
    rootfs, inventory, bom, config = scene_of(
        Case(
            files,
            {
                "/x": Use.EXECUTED,
                "/var/lib/rpm": Use.LISTED,
                "/var/lib/rpm/rpmdb.sqlite": Use.OPENED,
            },
            (),
        )
    )
    plan = decide(rootfs, inventory, bom, config, Policy(level, (), (), rules, "a" * 64))
    (folder / "plan.json").write_bytes(write_plan(plan))
    if index:
        (folder / "index.json").write_bytes(write_index(rootfs, inventory, plan.image))
    return folder


def effect(book: Rulebook, ident: str, plan: int = 0) -> Effect:
    return next(row for row in book.rows if row.rule.id == ident).effects[plan]


def test_every_mechanism_and_rule_says_what_it_does_why_and_from_where() -> None:
    mechanisms, rules = list(mechanism_texts(MECHANISMS)), list(rule_texts(load_rules()))
    assert [text.id for text in (*mechanisms, *rules) if not text.why or not text.levels] == []
    assert [text.id for text in mechanisms if len(text.what) < 20] == []
    assert [text.id for text in rules if not text.does or not text.source] == []
    assert len({text.id for text in (*mechanisms, *rules)}) == len(mechanisms) + len(rules), (
        "an id names one thing"
    )


def test_every_code_of_a_reason_belongs_to_a_mechanism_or_to_none_on_purpose() -> None:
    given = set()
    for path in (ROOT / "src" / "careen" / "plan").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "Reason"
                and isinstance(node.args[0], ast.Constant)
            ):
                given.add(node.args[0].value)
    known = SEEDS.union(*(item.codes for item in MECHANISMS))
    assert given - known == set(), "add it to `codes` of the mechanism that gives it"
    assert [item.id for item in MECHANISMS if not item.codes] == ["rules"]


def test_a_plan_says_which_rules_counted_and_carries_it_through_its_file(tmp_path: Path) -> None:
    plan = load_plan(planned(tmp_path / "a", load_rules()) / "plan.json")
    assert plan.applied is not None
    assert {"cudnn-family", "accounts", "documentation"} <= set(plan.applied)
    assert "triton-toolchain" not in plan.applied
    older = replace(plan, applied=None)
    assert b'"applied"' not in write_plan(older)
    assert read_plan(write_plan(older)) == older
    with pytest.raises(ConfigError, match=r"plan\.applied\[0\]: expected a string, got 7"):
        read_plan(write_plan(plan).replace(json.dumps(list(plan.applied)).encode(), b"[7]"))


def test_what_each_rule_kept_and_removed_is_counted_in_paths_and_bytes(
    tmp_path: Path, mine: Path
) -> None:
    rules = load_rules((mine,))
    book = rulebook(rules, (planned(tmp_path / "a", rules),))
    assert effect(book, "kept-by-me") == Effect(
        held=True, kept_paths=3, removed_paths=0, kept_bytes=7, removed_bytes=0
    )
    assert effect(book, "cudnn-family") == Effect(
        held=True, kept_paths=1, removed_paths=0, kept_bytes=len(elf()), removed_bytes=0
    )
    assert effect(book, "development-files").removed_bytes == 10
    assert effect(book, "elf-and-shebang").kept_paths == 1
    assert book.plans == (str(tmp_path / "a" / "plan.json"),)
    assert book.notes == ()


def test_rules_that_did_nothing_in_any_plan_are_told_with_the_cause(
    tmp_path: Path, mine: Path
) -> None:
    rules = load_rules((mine,))
    plans = [
        planned(tmp_path / "a", rules),
        planned(
            tmp_path / "b",
            rules,
            files={**FILES, "/usr/lib/libnvrtc.so.12": elf(), "/x": elf(("libnvrtc.so.12",))},
        ),
    ]
    idle = {item.id: item.why for item in rulebook(rules, plans).idle}
    assert idle["mistyped"] == "it counted in 2 of 2, but nothing that it names was there"
    assert (
        idle["package-databases"]
        == "it counted in 2 of 2, but all that it names was decided for another reason"
    )
    assert (
        idle["commands"]
        == "it counted in 2 of 2, but what it names was not there, or was decided for another"
        " reason"
    )
    assert idle["never"] == idle["triton-toolchain"] == "its conditions never held"
    assert idle["not-here"] == "counts at package, and no plan is of that level"
    assert "kept-by-me" not in idle
    assert "commands-that-are-words" not in idle, "it only keeps words from being commands"
    assert "cudnn-family" not in idle, "it did something in one of the two"
    assert not rulebook(rules, ()).idle


def test_a_plan_of_before_is_told_from_one_in_which_conditions_did_not_hold(tmp_path: Path) -> None:
    folder = planned(tmp_path / "a", load_rules())
    (folder / "plan.json").write_bytes(
        write_plan(replace(load_plan(folder / "plan.json"), applied=None))
    )
    book = rulebook(load_rules(), (folder,))
    assert effect(book, "triton-toolchain").held is None
    assert {item.id: item.why for item in book.idle}[
        "triton-toolchain"
    ] == "the plans do not say whether its conditions held: plan again"


def test_without_sizes_and_with_foreign_rules_the_notes_say_so(tmp_path: Path, mine: Path) -> None:
    folder = planned(tmp_path / "a", load_rules((mine,)), index=False)
    book = rulebook(load_rules(), (folder,))
    assert effect(book, "cudnn-family").kept_bytes is None
    file = folder / "plan.json"
    assert book.notes == (
        f"{file}: no index.json of the same image lies beside it, so bytes are not known",
        (
            f"{file}: was made with rules that are not among these: kept-by-me; give their file"
            " with --rules"
        ),
    )
    (folder / "index.json").write_text("{}")
    assert rulebook(load_rules(), (folder,)).notes == book.notes, (
        "a damaged index costs the sizes, not the answer"
    )


def test_one_rule_is_found_by_its_id_or_as_a_plan_names_it() -> None:
    book = rulebook(load_rules(), ())
    assert [row.rule.id for row in only(book, "rule:cudnn-family").rows] == ["cudnn-family"]
    assert only(book, "dlopen").rows[0].rule.kind is RuleKind.MECHANISM
    with pytest.raises(
        InputError, match="no rule or mechanism is called 'cudn-family': nearest are cudnn-family"
    ):
        only(book, "cudn-family")


def test_a_users_rule_that_did_nothing_is_in_the_plans_notes(tmp_path: Path, mine: Path) -> None:
    notes = load_plan(planned(tmp_path / "a", load_rules((mine,))) / "plan.json").notes
    assert [note for note in notes if note.startswith("rule ")] == [
        (
            f"rule 'mistyped' of {mine} kept and removed nothing: what it names is not in the"
            " image, or was decided for another reason"
        ),
        f"rule 'never' of {mine} kept and removed nothing: its conditions did not hold",
        (
            f"rule 'not-here' of {mine} kept and removed nothing: it counts at package, and this"
            " plan is for 'closure'"
        ),
    ]
    assert not any(
        "cudnn" in note
        for note in load_plan(planned(tmp_path / "b", load_rules()) / "plan.json").notes
    ), "careen's own are no news"


def test_quiet_lists_ids_and_with_plans_those_that_did_nothing() -> None:
    book = rulebook(load_rules(), ())
    assert rule_lines(book)[:2] == ["symlinks", "elf-and-shebang"]
    assert rule_lines(replace(book, plans=("p",), idle=(IdleRule("pam", "x"),))) == ["pam"]


def said(*words: str | Path) -> str:
    """What `careen rules` prints."""
    result = CliRunner().invoke(group, ["rules", *map(str, words)], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_the_command_lists_explains_and_counts(tmp_path: Path, mine: Path) -> None:
    folder = planned(tmp_path / "a", load_rules((mine,)))
    listed = said("--rules", mine)
    assert "Your rules of" in listed
    assert "Rules of 40-gpu.toml" in listed
    one = said("cudnn-family", "--plan", folder)
    assert "libcudnn*.so*" in one
    assert "CTranslate2 #1826" in one
    document = json.loads(said("--rules", mine, "--plan", folder, "--json"))
    jsonschema.validate(
        document, json.loads((ROOT / "docs" / "schema" / "rules-1.schema.json").read_text())
    )
    assert [
        item["id"] for item in document["idle"] if item["id"] in ("mistyped", "kept-by-me")
    ] == ["mistyped"]
    assert said("--rules", mine, "--plan", folder, "-q").splitlines()[-3:] == [
        "mistyped",
        "never",
        "not-here",
    ]


def test_the_rules_of_the_project_file_are_listed_too(tmp_path: Path, mine: Path) -> None:
    config = tmp_path / "careen.toml"
    config.write_text(f'rules = ["{mine.name}"]\n')
    assert "the yearly report" in said("kept-by-me", "--config", config)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            'skip_commands = ["gcc"]\n[rule.when]\nlibc = ["musl"]',
            (
                "a rule with skip_commands or skip_literals counts always: leave out when and"
                " unless, or make it a rule of its own"
            ),
        ),
        (
            'keep = ["/a"]\n[rule.when]\nenv = "X"\nenviron = "Y"',
            (
                "unknown key 'environ'; known are compiles, env, executed, exists, imported, kept,"
                " libc, opened, package, rule, source"
            ),
        ),
        ('keep = ["/a"]\n[rule.when]\nenv = [1]', "expected a list of texts, got [1]"),
    ],
)
def test_a_wrong_rule_names_its_file_its_place_and_what_was_expected(
    tmp_path: Path, text: str, complaint: str
) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(f'version = 1\n[[rule]]\nid = "mine"\nreason = "r"\nsource = "s"\n{text}\n')
    with pytest.raises(ConfigError) as caught:
        load_rules((file,))
    assert str(caught.value).startswith(f"{file}: rule[0] (mine)")
    assert str(caught.value).endswith(complaint)


def test_a_condition_on_the_environment_holds_when_the_image_sets_the_variable(
    tmp_path: Path,
) -> None:
    rules = RuleSet(
        parse_rules(
            b'version = 1\n[[rule]]\nid = "e"\nreason = "r"\nsource = "s"\nkeep ='
            b' ["/srv/**"]\n[rule.when]\nenv = ["MODE"]\n',
            "e.toml",
        )
    )
    for variables, held in ((["MODE="], True), (["MODUS=1"], False), ([], False)):
        rootfs, inventory, bom, config = scene_of(Case(FILES, {}, (), run={"Env": variables}))
        plan = decide(
            rootfs, inventory, bom, config, Policy(Level.CLOSURE, (), (), rules, "a" * 64)
        )
        assert (ImagePath("/srv/report/a.txt") in plan.keep) is held
        assert plan.applied == (("e",) if held else ())


def test_the_book_as_json_has_every_rule() -> None:
    document = json.loads(to_json(rulebook(load_rules(), ())))
    assert len(document["rows"]) == len(load_rules().rules) + len(MECHANISMS) - 1
    assert document["rows"][0]["rule"]["kind"] == "mechanism"
