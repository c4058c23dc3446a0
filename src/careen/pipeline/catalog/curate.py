"""`careen base build` from an upstream image: patch, give it the variant, cut it, prove it.

`harden` does the work. Its workloads are the entry's tests and the contract's probes, and its plan
keeps what the contract demands.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from careen.catalog.contract.sides import Side
from careen.catalog.entries import Catalog, load_catalog
from careen.catalog.labels import ENTRY_LABEL, VARIANT_LABEL
from careen.catalog.recipe import Recipe, major_upgrades, recipe, upstream
from careen.catalog.release import other_release
from careen.catalog.upstream.started import cannot_start
from careen.catalog.upstream.terms import terms_of
from careen.catalog.upstream.variant import variant_layer, variant_settings
from careen.errors import CareenError, InputError, VerificationError
from careen.model.catalog.built import BaseFindings
from careen.model.catalog.contract import Contract
from careen.model.catalog.curated import CuratedBase
from careen.model.catalog.entry import Entry, Variant
from careen.model.catalog.lock import LockedWheel
from careen.model.catalog.terms import Terms
from careen.model.plan import Level
from careen.model.runs.exploration import Effort
from careen.model.summary import Summary
from careen.oci.changes.append import append_layer
from careen.oci.changes.edit import HistoryNote
from careen.oci.changes.reconfigure import reconfigured
from careen.oci.created import created_from_environment, epoch_seconds
from careen.patch.policy import PolicyRule
from careen.pipeline.catalog.base_tests import run_tests
from careen.pipeline.catalog.build import BuildRequest
from careen.pipeline.catalog.evidence import require_no_fix, scan_base
from careen.pipeline.catalog.measured import remember
from careen.pipeline.catalog.probe_workloads import probe_workloads, workloads_of_tests
from careen.pipeline.catalog.verify import Compared, contract_of, require_whole
from careen.pipeline.catalog.wheel_steps import (
    WheelWishes,
    require_index_of_wheels,
    wheel_indexes,
    wheels_above,
)
from careen.pipeline.harden import harden_opened
from careen.pipeline.hardening.ground import ground
from careen.pipeline.hardening.request import HardenRequest, Passed, Prepared, deliver
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import PlanChoices, ProofChoices
from careen.pipeline.run.source import Examined, examine
from careen.pipeline.run.timestamp import now
from careen.pipeline.upgrading.options import PatchOptions
from careen.report.directory import write_report
from careen.report.documents.contract import FILE, contract_json


def upstream_of(request: BuildRequest) -> str:
    """Return the image that a base is cut from, "" if it is built from packages."""
    catalog = load_catalog(request.catalogs)
    return request.upstream or upstream(catalog.chain(catalog.find(request.name)))


def curate_base(request: BuildRequest, patch: PatchOptions, session: Session) -> CuratedBase:
    """Patch, cut, test and promote a base made of an upstream image.

    Raises InputError (entry, variant, image), WorkloadError (the tests fail on upstream),
    VerificationError (tests or contract fail on the result), PolicyError (a finding has a fix);
    then nothing is promoted.
    """
    catalog = load_catalog(request.catalogs)
    entry = catalog.find(request.name)
    wanted = recipe(catalog, entry, request.variant)
    _require_possible(request, wanted)
    has_database = request.database.exists()
    if not has_database:
        if request.unfixed_only:
            require_no_fix(None, request.database)
        session.progress.note(
            "nothing is upgraded: there is no advisory database"
            f" {str(request.database)!r}; `careen db update` makes one"
        )
    making = _Curation(request, catalog, wanted, catalog.chain(entry))
    asked = HardenRequest(
        image=request.upstream or wanted.upstream,
        workloads=(),
        choices=PlanChoices(
            Level.PACKAGE,
            keep=("/**",) if request.variant is Variant.DEV else (),
            keep_symbols=True,  # the files stay as the distribution signed them
        ),
        destination=request.destination,
        report_directory=request.report or session.scratch("report"),
        database=request.database if has_database else None,
        proof=ProofChoices(effort=Effort.OFF),
        patch=with_majors(patch, wanted.entry.name, making.chain) if has_database else None,
        deliver=making.deliver,
        prepare=making.prepare,
    )
    with ground((asked,), session) as opened:
        making.upstream = opened.original
        require_same_release(wanted, opened.original)
        with session.stage("verify"):
            cut = request.variant.is_cut
            probes = probe_workloads(opened.original, cut=cut, session=session)
        workloads = (*workloads_of_tests(wanted), *probes)
        if not workloads:
            msg = (
                f"base {entry.name}: the entry has no tests, and the image has no program by which"
                " the contract asks, so nothing shows what it uses; give the entry tests"
            )
            raise InputError(msg)
        summary, _ = harden_opened(replace(asked, workloads=workloads), opened, session)
    built = making.result(summary)
    _remember(built, session)
    return built


def with_majors(patch: PatchOptions, name: str, chain: tuple[Entry, ...]) -> PatchOptions:
    """Add the entries' rule on new major versions below those of the user, which count first."""
    packages = major_upgrades(chain)
    if not packages:
        return patch
    reason = "the entry allows new major versions"
    rule = PolicyRule(packages, reason, f"entry {name}", allow_major=True)
    policy = replace(patch.policy, rules=(*patch.policy.rules, rule))
    return replace(patch, policy=policy)


def _require_possible(request: BuildRequest, wanted: Recipe) -> None:
    """Raise InputError for what only a build from packages has."""
    given = {
        "--variant fips": request.variant is Variant.FIPS,
        "--lock": request.lock is not None,
        "--no-test": request.untested,
    }
    option = next((name for name, there in given.items() if there), None)
    if option is not None:
        msg = (
            f"{option}: applies to a base that is built from packages, and {wanted.entry.name} is"
            " cut from an image, by what its tests use; name the image by its digest to pin it"
        )
        raise InputError(msg)
    require_index_of_wheels(wanted, request.wheel_index)


def require_same_release(wanted: Recipe, upstream: Examined) -> None:
    """Raise InputError for an image of another distribution or release than the entry's."""
    if other := other_release(wanted, upstream.inventory.distribution):
        stated = f"{wanted.distribution} {wanted.release}".rstrip()
        msg = (
            f"base {wanted.entry.name}: the image is {other}, and the entry is of {stated}; name"
            " an image of that release, or another entry"
        )
        raise InputError(msg)


@dataclass(slots=True)
class _Curation:
    """One build; the fields below `chain` are known once its stages were done."""

    request: BuildRequest
    catalog: Catalog
    wanted: Recipe
    chain: tuple[Entry, ...]
    upstream: Examined | None = None
    terms: Terms = field(default_factory=Terms)
    contract: Contract | None = None
    findings: BaseFindings | None = None
    wheels: tuple[LockedWheel, ...] = ()
    tested: int = 0

    @contextmanager
    def prepare(self, base: Examined, session: Session) -> Iterator[Prepared]:
        """Yield the upgraded image as the variant, with what its plan must keep and remove."""
        labels = {
            ENTRY_LABEL: self.wanted.entry.name,
            VARIANT_LABEL: self.wanted.variant.value,
        }
        created = created_from_environment(os.environ, base.image.config)
        with ExitStack() as opened:
            layer = variant_layer(base.rootfs, self.wanted, self.chain, epoch_seconds(created))
            image = base.image
            settings = variant_settings(base.image.config, self.wanted, labels)
            tar = session.scratch("variant") / "layer.tar"
            tar.write_bytes(layer)
            note = HistoryNote(f"careen base build: {self.wanted.variant.value}")
            image = append_layer(image, tar, note, {}, created)
            made = examine(opened.enter_context(reconfigured(image, settings)), session)
            wishes = WheelWishes(None, created, self.request.wheel_index)
            above = wheels_above(made, self.wanted, wishes, opened, session)
            made, self.wheels = above.image, above.wheels
            side = Side(made.rootfs, made.inventory, made.image.config)
            self.terms = terms_of(side, self.wanted, self.chain, above.paths)
            yield Prepared(made, self.terms, self._stated())

    def _stated(self) -> Mapping[str, Any]:
        """Return what the manifest and the provenance say of the base."""
        stated: dict[str, Any] = {
            "entry": self.wanted.entry.name,
            "variant": self.wanted.variant.value,
            "contract_keep": len(self.terms.keep),
            "contract_remove": len(self.terms.remove),
        }
        if self.wanted.unproven:
            stated["unproven"] = self.wanted.unproven
        if self.wheels:
            stated["wheels"] = [{"file": each.file, "sha256": each.sha256} for each in self.wheels]
            stated["wheel_indexes"] = dict(wheel_indexes(self.wanted, self.request.wheel_index))
        return stated

    def deliver(self, request: HardenRequest, passed: Passed, session: Session) -> tuple[str, ...]:
        """Judge the image by the entry's tests, the contract and its findings, and promote it."""
        assert self.upstream is not None  # noqa: S101 — it was opened before anything ran
        result = examine(passed.image, session)
        if why := cannot_start(result.rootfs, result.image.config):
            msg = (
                f"the variant {self.wanted.variant.value} of this image does not start: {why};"
                " build compat; nothing was promoted"
            )
            raise VerificationError(msg)
        self.tested = run_tests(self.wanted, result, session, passed.prepared) or 0
        images = Compared(self.upstream, result, passed.prepared)
        found = contract_of(images, self.wanted.variant, self.catalog, session)
        self.contract = replace(found, upstream=request.image, image=self.wanted.entry.name)
        write_report(request.report_directory, {FILE: contract_json(self.contract)})
        require_whole(self.contract)
        report, self.findings = scan_base(result, self.request.database, session)
        if self.request.unfixed_only:
            require_no_fix(report, self.request.database)
        return deliver(request, passed, session)

    def result(self, summary: Summary) -> CuratedBase:
        """Return what the build gave."""
        assert self.contract is not None  # noqa: S101 — `deliver` was called, or it raised
        patched, before = summary.patched, summary.original.findings
        return CuratedBase(
            entry=self.wanted.entry.name,
            variant=self.wanted.variant.value,
            upstream=summary.original,
            measure=summary.hardened,
            upgrades=None if patched is None else patched.upgrades,
            demanded=len(self.terms.keep),
            forbidden=len(self.terms.remove),
            workloads=summary.workloads,
            tested=self.tested,
            contract=self.contract,
            places=summary.promoted,
            findings_before=None if before is None else before.total,
            findings=self.findings,
            report="" if self.request.report is None else str(self.request.report),
            notes=summary.notes,
            unproven=self.wanted.unproven,
            wheels=self.wheels,
            wheel_indexes=wheel_indexes(self.wanted, self.request.wheel_index),
        )


def _remember(built: CuratedBase, session: Session) -> None:
    """Keep the figures for `careen base list`; the image is promoted, so a failure is a note."""
    try:
        remember(built, now())
    except CareenError as error:
        session.progress.note(f"the figures of this build are not kept: {error}")
