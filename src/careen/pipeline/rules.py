"""List the mechanisms and rules of plans, and count what each did in given plans."""

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from careen.errors import ConfigError, InputError
from careen.inventory.index import load_index
from careen.model.entry import Entry
from careen.model.paths import ImagePath
from careen.model.plan import Plan, Reason
from careen.model.rulebook import Effect, IdleRule, Rulebook, RuleKind, RuleRow, RuleText
from careen.oci.tree.rootfs import Rootfs
from careen.plan.catalogue import mechanism_texts, rule_texts
from careen.plan.core.globs import PathIndex
from careen.plan.core.rules import RuleSet
from careen.plan.decide import MECHANISMS
from careen.plan.store import load_plan

_SKIPS = ("skip_commands", "skip_literals")
_NAMES_PATHS = ("keep", "drop", "siblings")


@dataclass(frozen=True, slots=True)
class _Tally:
    """Counts of one plan, by reason code: (paths, bytes) kept and removed.

    `applied` are the rules whose conditions held. `named` are those of them that decided nothing
    although their globs match. `sized` says whether sizes and names are known.
    """

    level: str
    applied: frozenset[str] | None
    sized: bool
    kept: Mapping[str, tuple[int, int]]
    removed: Mapping[str, tuple[int, int]]
    named: frozenset[str]


def rulebook(rules: RuleSet, plans: Sequence[Path]) -> Rulebook:
    """Return all mechanisms and rules, and what each did in the plans.

    `plans` are files of `careen plan`, or report directories. Sizes come from the `index.json`
    beside a plan, if it is of the same image. Raises ConfigError for a file that is not a plan.
    """
    files = [path / "plan.json" if path.is_dir() else path for path in plans]
    texts = (*mechanism_texts(MECHANISMS), *rule_texts(rules))
    tallies = [_tally(file, texts) for file in files]
    rows = tuple(RuleRow(text, tuple(_effect(text, tally) for tally in tallies)) for text in texts)
    idle = tuple(
        IdleRule(row.rule.id, why)
        for row in rows
        if tallies and (why := _idle(row, tallies)) is not None
    )
    return Rulebook(
        rows,
        tuple(str(file) for file in files),
        idle,
        tuple(_notes(texts, dict(zip(files, tallies, strict=True)))),
    )


def only(book: Rulebook, wanted: str) -> Rulebook:
    """Return the book with one rule or mechanism; `rule:ID` also names a rule.

    Raises InputError if there is no such rule.
    """
    name = wanted.removeprefix("rule:")
    rows = tuple(row for row in book.rows if row.rule.id == name)
    if not rows:
        near = difflib.get_close_matches(name, [row.rule.id for row in book.rows], n=3, cutoff=0.5)
        hint = f"nearest are {', '.join(near)}" if near else "`careen rules` lists all"
        msg = (
            f"no rule or mechanism is called {wanted!r}: {hint}; a rule of your own needs its file,"
            " --rules FILE"
        )
        raise InputError(msg)
    return replace(book, rows=rows, idle=tuple(item for item in book.idle if item.id == name))


def _tally(file: Path, texts: Iterable[RuleText]) -> _Tally:
    plan = load_plan(file)
    rootfs = _sizes(file.parent / "index.json", plan)
    kept, removed = _shares(plan.keep, rootfs), _shares(plan.remove, rootfs)
    applied = None if plan.applied is None else frozenset(plan.applied)
    named: frozenset[str] = frozenset()
    if rootfs is not None and applied is not None:
        paths, did = PathIndex(rootfs), {*kept, *removed}
        named = frozenset(
            text.id
            for text in texts
            if text.id in applied and f"rule:{text.id}" not in did and _has_named(text, paths)
        )
    return _Tally(plan.level.value, applied, rootfs is not None, kept, removed, named)


def _sizes(index: Path, plan: Plan) -> Rootfs | None:
    if not index.is_file():
        return None
    try:
        found = load_index(index)
    except ConfigError:  # optional: without it only the sizes are missing
        return None
    return found.rootfs if found.ref.config_digest == plan.image.config_digest else None


def _shares(
    reasons: Mapping[ImagePath, Reason], rootfs: Rootfs | None
) -> Mapping[str, tuple[int, int]]:
    paths: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for path, reason in reasons.items():
        paths[reason.code] += 1
        sizes[reason.code] += _size(rootfs.get(path)) if rootfs is not None else 0
    return {code: (paths[code], sizes[code]) for code in paths}


def _size(entry: Entry | None) -> int:
    return entry.size if entry is not None and entry.is_file else 0


def _effect(text: RuleText, tally: _Tally) -> Effect:
    codes = text.codes
    kept = [tally.kept[code] for code in codes if code in tally.kept]
    removed = [tally.removed[code] for code in codes if code in tally.removed]
    return Effect(
        held=_held(text, tally),
        kept_paths=sum(paths for paths, _ in kept),
        removed_paths=sum(paths for paths, _ in removed),
        kept_bytes=sum(size for _, size in kept) if tally.sized else None,
        removed_bytes=sum(size for _, size in removed) if tally.sized else None,
    )


def _held(text: RuleText, tally: _Tally) -> bool | None:
    if tally.level not in text.levels:
        return False
    if text.kind is RuleKind.MECHANISM:
        return True
    return None if tally.applied is None else text.id in tally.applied


def _idle(row: RuleRow, tallies: Sequence[_Tally]) -> str | None:
    """Return why a rule decided nothing in any plan; None if it did, or cannot leave a trace."""
    if any(effect.kept_paths or effect.removed_paths for effect in row.effects) or _is_traceless(
        row.rule
    ):
        return None
    if not any(tally.level in row.rule.levels for tally in tallies):
        return f"counts at {' and '.join(row.rule.levels)}, and no plan is of that level"
    known = [effect.held for effect in row.effects if effect.held is not None]
    if not known:
        return "the plans do not say whether its conditions held: plan again"
    if not any(known):
        return "its conditions never held"
    counted = f"it counted in {sum(known)} of {len(row.effects)}"
    asked = [tally for tally, effect in zip(tallies, row.effects, strict=True) if effect.held]
    names = any(clause.key in _NAMES_PATHS for clause in row.rule.does)
    if not names or not all(tally.sized for tally in asked):
        return f"{counted}, but what it names was not there, or was decided for another reason"
    there = any(row.rule.id in tally.named for tally in asked)
    if there:
        return f"{counted}, but all that it names was decided for another reason"
    return f"{counted}, but nothing that it names was there"


def _has_named(rule: RuleText, paths: PathIndex) -> bool:
    """Return whether the image has a path that the rule's globs match."""
    return any(
        paths.any(f"**/{glob}" if clause.key == "siblings" else glob)
        for clause in rule.does
        if clause.key in _NAMES_PATHS
        for glob in clause.items
    )


def _is_traceless(rule: RuleText) -> bool:
    """Return whether a rule only keeps words from being read as commands and decides no path."""
    return rule.kind is RuleKind.RULE and all(clause.key in _SKIPS for clause in rule.does)


def _notes(texts: Iterable[RuleText], tallies: Mapping[Path, _Tally]) -> Iterable[str]:
    known = {code for text in texts for code in text.codes}
    for file, tally in tallies.items():
        if not tally.sized:
            yield f"{file}: no index.json of the same image lies beside it, so bytes are not known"
        others = sorted(
            code.removeprefix("rule:")
            for code in {*tally.kept, *tally.removed}
            if code.startswith("rule:") and code not in known
        )
        if others:
            yield (
                f"{file}: was made with rules that are not among these: {', '.join(others)}; give"
                " their file with --rules"
            )
