"""Decision for every path of an image: keep or remove, and why."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial

from careen.errors import EvidenceError, InputError
from careen.model.image import ImageConfig
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath
from careen.model.plan import CONTRACT, Level, Plan, Reason
from careen.model.rbom import RuntimeBom
from careen.model.runs.completeness import DISPUTED
from careen.model.runs.trace import Use
from careen.oci.tree.rootfs import Rootfs
from careen.plan.ahead.expected import expect, expect_used
from careen.plan.core import seeds
from careen.plan.core.keeping import Keeping
from careen.plan.core.mechanism import Mechanism, Work, grow
from careen.plan.core.opened import Opened
from careen.plan.core.policy import Policy
from careen.plan.core.readings import Readings
from careen.plan.core.rules import RuleSet
from careen.plan.core.scene import READ, Scene
from careen.plan.idle import idle_rules
from careen.plan.mechanisms.application.java_class_path import JavaClassPath
from careen.plan.mechanisms.application.linked_sources import LinkedSources
from careen.plan.mechanisms.application.node import NodePackages
from careen.plan.mechanisms.application.own_files import Application
from careen.plan.mechanisms.application.source import application_texts
from careen.plan.mechanisms.by_rule.conditions import Conditions, dropped_paths
from careen.plan.mechanisms.by_rule.families import Rules
from careen.plan.mechanisms.commands.compiled_commands import CompiledCommands
from careen.plan.mechanisms.commands.configured_commands import ConfiguredCommands
from careen.plan.mechanisms.commands.configured_programs import ConfiguredPrograms
from careen.plan.mechanisms.commands.helper_programs import HelperPrograms
from careen.plan.mechanisms.commands.named import Commands
from careen.plan.mechanisms.commands.pam_helpers import PamHelpers
from careen.plan.mechanisms.commands.script_commands import ScriptCommands
from careen.plan.mechanisms.commands.script_neighbours import ScriptNeighbours
from careen.plan.mechanisms.commands.shell_sources import ShellSources
from careen.plan.mechanisms.files.configured_libraries import ConfiguredLibraries
from careen.plan.mechanisms.files.data_paths import DataPaths
from careen.plan.mechanisms.files.foreign_libraries import ForeignLibraries
from careen.plan.mechanisms.files.generated_files import GeneratedFiles
from careen.plan.mechanisms.files.hints import DlopenHints
from careen.plan.mechanisms.files.links import Links
from careen.plan.mechanisms.files.locales import Locales, catalogues
from careen.plan.mechanisms.files.named_paths import NamedPaths
from careen.plan.mechanisms.files.plugin_directories import PluginDirectories
from careen.plan.mechanisms.files.programs import Programs
from careen.plan.mechanisms.files.state_directories import StateDirectories
from careen.plan.mechanisms.files.typelibs import Typelibs
from careen.plan.mechanisms.packages.conda_packages import CondaPackages
from careen.plan.mechanisms.packages.system_packages import SystemPackages
from careen.plan.mechanisms.python import suites
from careen.plan.mechanisms.python.byte_code import ByteCode
from careen.plan.mechanisms.python.compiled_modules import CompiledModules
from careen.plan.mechanisms.python.distributions import Distributions
from careen.plan.mechanisms.python.interactive_kernels import InteractiveKernels
from careen.plan.mechanisms.python.packed_modules import PackedModules
from careen.plan.mechanisms.python.path_files import PathFiles
from careen.plan.mechanisms.python.standard_library import StandardLibrary
from careen.plan.packages import hidden, package_plans, prune_directories, settle_records

__all__ = ["Policy", "decide", "require_complete"]

MECHANISMS: tuple[type[Mechanism], ...] = (
    Links,
    Programs,
    Rules,
    StandardLibrary,
    Application,
    NodePackages,
    Distributions,
    CompiledModules,
    PackedModules,
    LinkedSources,
    InteractiveKernels,
    SystemPackages,
    CondaPackages,
    GeneratedFiles,
    DlopenHints,
    ForeignLibraries,
    Typelibs,
    ConfiguredLibraries,
    StateDirectories,
    HelperPrograms,
    PamHelpers,
    ConfiguredPrograms,
    ConfiguredCommands,
    CompiledCommands,
    ScriptCommands,
    PluginDirectories,
    NamedPaths,
    DataPaths,
    PathFiles,
    ByteCode,
    ShellSources,
    ScriptNeighbours,
    JavaClassPath,
    Locales,
    Commands,
)
"""All mechanisms that need code beyond a rule file, in the order in which they visit a path."""

_UNUSED = Reason("unused", "not used by the workload, and nothing that is kept needs it")
_ASKED = Reason(
    "unused",
    "only asked for, by modules that exploration imported; not used, and nothing that is kept"
    " needs it",
)
_LISTED = Reason(
    "unused",
    "only looked up by a listing of all Python distributions; not used, and nothing that is kept"
    " needs it",
)
_SUITE = Reason("test-suite", suites.WHY)


def decide(  # noqa: PLR0913 — the inputs of one plan
    rootfs: Rootfs,
    inventory: Inventory,
    bom: RuntimeBom,
    config: ImageConfig,
    policy: Policy,
    *,
    without: AbstractSet[str] = frozenset(),
    readings: Readings | None = None,
) -> Plan:
    """Return the plan for an image; the same inputs give the same plan.

    `without` switches off mechanisms and rules by their ids, to measure the effect of each.
    `readings` of the image save reading files again.

    Raises EvidenceError if the profile is incomplete or if the sensor could not see what the level
    rests on; InputError if the RBOM is of another image.
    """
    _check(config, bom, policy)
    rules = tuple(rule for rule in policy.rules.rules if rule.id not in without)
    scene = Scene(
        rootfs,
        inventory,
        bom,
        config,
        replace(policy, rules=RuleSet(rules)) if without else policy,
        readings if readings is not None else Readings(),
    )
    expect_used(scene)
    banned, notes = seeds.user_removes(scene)
    opened = Opened(scene.policy.rules.at(scene.level), lambda path: scene.used_as(path, *READ))
    conditions = Conditions(scene, tuple(application_texts(scene)) if scene.wide else (), opened)
    unneeded = seeds.unneeded(scene)
    keeping = Keeping(rootfs, banned, unneeded, partial(expect, scene))
    work = Work(
        scene,
        keeping,
        conditions,
        _dropped(scene, conditions, without),
        set(scene.observed_modules),
        opened=opened,
    )
    mechanisms = tuple(
        kind(work)
        for kind in MECHANISMS
        if kind.id not in without and (scene.wide or kind.at_observed)
    )
    # Repairs come first, so that the plan gives them as the reason.
    seeds.plant_repairs(work)
    seeds.plant_terms(work)
    seeds.plant(work)
    kept_notes = (*seeds.user_keeps(work), *seeds.plant_missed(work))
    for mechanism in mechanisms:
        mechanism.plant()
    grow(work, mechanisms)
    settled = settle_records(scene, keeping)
    prune_directories(keeping)
    keep = {path: keeping.reasons[path] for path in sorted(keeping.reasons)}
    plan = Plan(
        bom.image,
        policy.level,
        keep,
        _removals(work, {**unneeded, **banned}, settled.dropped),
        package_plans(scene, keep, settled.gone),
        policy.rbom_sha256,
        (*notes, *kept_notes, *hidden(scene, keeping, {**unneeded, **banned})),
        _counted(work),
    )
    return replace(plan, notes=(*plan.notes, *idle_rules(policy.rules, plan)))


def _counted(work: Work) -> tuple[str, ...]:
    """Return the sorted ids of the rules that counted.

    Their conditions hold, or they need none.
    """
    scene = work.scene
    others = {
        rule.id
        for rule in scene.policy.rules.at(scene.level)
        if rule.skip_commands
        or rule.skip_literals
        or (scene.level is not Level.PACKAGE and rule.id in work.conditions.leaving_out)
    }
    return tuple(sorted(others.union(work.counted)))


def require_complete(bom: RuntimeBom) -> None:
    """Raise EvidenceError if the runs were not seen completely."""
    seen = bom.completeness
    if not seen.complete:
        named = [
            f"; {note}"
            for run in bom.runs
            for note in run.sensor.notes
            if note.startswith(DISPUTED)
        ]
        msg = (
            f"the profile is incomplete: {seen.sentence()}, so what it did not see may be needed:"
            f" {seen.remedy()}{''.join(named[:1])}"
        )
        raise EvidenceError(msg)


def _check(config: ImageConfig, bom: RuntimeBom, policy: Policy) -> None:
    require_complete(bom)
    if tuple(str(item) for item in config.diff_ids) != bom.image.diff_ids:
        msg = (
            f"the RBOM describes another image: its config digest is {bom.image.config_digest!r}"
            " and its layers differ: profile this image first"
        )
        raise InputError(msg)
    if policy.level is Level.OBSERVED and Use.LOOKED_UP not in bom.evidence:
        kinds = ", ".join(sorted({run.sensor.kind.value for run in bom.runs})) or "none"
        msg = (
            "level 'observed' needs a sensor that sees look-ups, and this profile comes from"
            f" {kinds!r}: use --level closure, or profile with eBPF"
        )
        raise EvidenceError(msg)


def _dropped(
    scene: Scene, conditions: Conditions, without: AbstractSet[str]
) -> Mapping[ImagePath, str]:
    if scene.level is Level.PACKAGE:
        return {}
    spoken = frozenset() if Locales.id in without else catalogues(scene)
    return {
        path: rule for path, rule in dropped_paths(scene, conditions).items() if path not in spoken
    }


def _removals(
    work: Work, banned: Mapping[ImagePath, str], records: Mapping[ImagePath, str]
) -> dict[ImagePath, Reason]:
    held = {path for paths in work.held.values() for path in paths}
    out: dict[ImagePath, Reason] = {}
    for entry in work.scene.rootfs:
        path = entry.path
        if path in work.keeping:
            continue
        if path in banned:
            forbidden = banned[path] == work.scene.policy.terms.remove.get(path)
            out[path] = (
                Reason(CONTRACT, banned[path])
                if forbidden
                else Reason("user-remove", f"--remove {banned[path]}")
            )
        elif path in records:
            out[path] = Reason(
                "package-removed", f"record of {records[path]}, which has no other kept file"
            )
        elif path in work.dropped:
            out[path] = Reason(f"rule:{work.dropped[path]}", "not needed at run time, and not used")
        elif path in held:
            out[path] = _SUITE
        elif path in work.scene.only_listed:
            out[path] = _LISTED
        else:
            out[path] = _ASKED if path in work.scene.only_asked_for else _UNUSED
    return out
