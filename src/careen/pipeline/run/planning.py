"""Plan from an image and its RBOM alone."""

import hashlib
from dataclasses import replace

import elftools

from careen.errors import EvidenceError, InputError
from careen.model.packages.package import Inventory
from careen.model.plan import Basis, Level, Plan
from careen.model.rbom import RunKind, RuntimeBom
from careen.pipeline.run.settings import PlanChoices
from careen.pipeline.run.source import Examined
from careen.plan.ahead.read_ahead import reading_ahead
from careen.plan.as_before import as_before
from careen.plan.core.policy import Policy
from careen.plan.core.readings import Readings
from careen.plan.decide import decide
from careen.plan.symbols import symbols_of
from careen.rbom.store import write_rbom
from careen.tools.cache import code_stamp
from careen.tools.value_store import value_store


def make_plan(
    examined: Examined, bom: RuntimeBom, choices: PlanChoices, bom_sha256: str = ""
) -> Plan:
    """Return the plan for this image, RBOM and level; `bom_sha256` if it is known already.

    Raises InputError for the RBOM of another image. Raises EvidenceError if events were lost, no
    start was watched, or the evidence is too thin for the level.
    """
    planned, here = bom.image, examined.image.ref
    if planned.config_digest != here.config_digest:
        msg = (
            f"the rbom is of another image: {planned.reference} (config {planned.config_digest}),"
            f" not {here.reference} ({here.config_digest}); profile this one"
        )
        raise InputError(msg)
    if not bom.saw_start and not any(run.kind is RunKind.CARRIED for run in bom.runs):
        msg = (
            "the rbom is of a container that was already running, so its start was not observed:"
            " profile the image too, and merge both with `careen profile --merge`"
        )
        raise EvidenceError(msg)
    if choices.level is Level.OBSERVED and not any(
        run.kind is RunKind.WORKLOAD for run in bom.runs
    ):
        msg = (
            "level 'observed' needs a workload that was watched from its start on this very image,"
            " and the rbom has none: use --level closure, or profile it"
        )
        raise EvidenceError(msg)
    policy = Policy(
        choices.level,
        choices.keep,
        choices.remove,
        choices.rules,
        bom_sha256 or rbom_sha256(bom),
        choices.repairs,
        choices.missed,
        choices.terms,
        choices.remove_unneeded,
    )
    with (
        value_store(examined.remembered) as values,
        reading_ahead(examined.rootfs, examined.inventory) as ahead,
    ):
        stamp = f"{code_stamp()} {elftools.__version__}"
        # Without a store, the digests that are its keys would be computed for nothing.
        readings = Readings(values if values.keeps else None, here.diff_ids, stamp, ahead)
        plan = decide(
            examined.rootfs,
            examined.inventory,
            bom,
            examined.image.config,
            policy,
            readings=readings,
        )
        # Layers are verified when they are opened, and read later: a file that was changed in
        # between must not speak for other images.
        if not examined.image.unchanged():
            values.forget()
        examined.reused.add(answers=values.found, asked=values.asked)
    if choices.previous is not None:
        plan = as_before(plan, choices.previous, examined.rootfs, examined.inventory)
    symbols = None
    if not choices.keep_symbols:
        symbols = symbols_of(
            examined.rootfs, examined.inventory, plan.keep, choices.keep, examined.lighter.of
        )
    return replace(
        plan,
        symbols=symbols,
        basis=Basis.EMULATED if bom.emulated else Basis.NATIVE,
        notes=(
            *second_hand(bom),
            *under_emulation(bom),
            *of_another(choices, here.config_digest),
            *plan.notes,
            *unread(examined.inventory),
            *foreign(examined),
        ),
    )


def second_hand(bom: RuntimeBom) -> tuple[str, ...]:
    """Return a note if the RBOM is carried over from another version of the image."""
    if any(run.kind is RunKind.CARRIED for run in bom.runs):
        return (
            (
                "the RBOM is carried over from another version of the image: new files in this"
                " one were not observed"
            ),
        )
    return ()


def under_emulation(bom: RuntimeBom) -> tuple[str, ...]:
    """Return a note if an emulator ran the image."""
    if bom.emulated:
        return (
            (
                f"{bom.image.platform} ran under an emulator: which files were used is observed,"
                " which libraries were loaded is derived, and system calls are not known"
            ),
        )
    return ()


def of_another(choices: PlanChoices, config_digest: str) -> tuple[str, ...]:
    """Return a note if events of a guard are of another image, such as an earlier version."""
    others = sum(missed.profiled != config_digest for missed in choices.missed)
    said = "--with-events names paths from a container of another image"
    return (f"{said}: {others:,} of {len(choices.missed):,}",) if others else ()


def foreign(examined: Examined) -> tuple[str, ...]:
    """Return a note for a package database that careen does not rewrite."""
    return tuple(
        f"the database of rpm packages ({path}) is not rewritten: it still lists removed packages"
        for path in examined.foreign_databases[:1]
    )


def unread(inventory: Inventory) -> tuple[str, ...]:
    """Return a note if some package data could not be read, so that packages may be missing."""
    found = inventory.unknowns
    if not found:
        return ()
    more = f", and {len(found) - 1:,} more" if len(found) > 1 else ""
    return (
        (
            "not all package data of the image could be read, so packages may be missing from the"
            f" counts: {found[0].path}: {found[0].reason}{more}"
        ),
    )


def rbom_sha256(bom: RuntimeBom) -> str:
    """Return the SHA-256 (hex) of the RBOM's document."""
    return hashlib.sha256(write_rbom(bom)).hexdigest()
