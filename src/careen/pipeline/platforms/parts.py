"""What is made of one platform: hardened by its own profile, derived by package, or kept."""

from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from careen.errors import InputError
from careen.model.digest import Digest
from careen.model.image import Platform
from careen.model.plan import Basis, Outcome
from careen.model.platforms import Made, PlatformResult
from careen.oci.index.write import add_blobs
from careen.oci.manifest import OCI_MANIFEST, Compression, Descriptor
from careen.oci.select import blob_name
from careen.oci.write import write_oci_layout
from careen.pipeline.harden import harden
from careen.pipeline.hardening.request import HardenRequest, Passed
from careen.pipeline.platforms.choice import Part
from careen.pipeline.platforms.source import IndexSource
from careen.pipeline.proof.inspected import strip_inspected
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.source import examine, open_source
from careen.plan.derived import RunPlatform, derive
from careen.plan.store import write_plan
from careen.report.directory import write_report
from careen.rewrite.strip import BASIS

KEPT = {BASIS: Made.KEPT.value}
"""The annotation on the descriptor of a platform that is the original."""


@dataclass(slots=True)
class Workshop:
    """The layout that the new manifests go to.

    `ran` has what is known of the platforms that ran, if another one is derived from them.
    """

    source: IndexSource
    layout: Path
    session: Session
    derives: bool = False
    ran: list[RunPlatform] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Finished:
    """A platform of the new index: its descriptors, attestations included, and its result."""

    documents: tuple[dict[str, Any], ...]
    result: PlatformResult


def folder(platform: Platform) -> str:
    """Return the name of a platform's report directory, such as `linux-arm64`."""
    return str(platform).replace("/", "-")


def run_part(part: Part, request: HardenRequest, shop: Workshop) -> Finished:
    """Harden a platform in a session of its own. Raises as `harden`."""
    digests: list[Digest] = []
    bases: list[Basis] = []
    name = str(part.platform)

    def into_layout(asked: HardenRequest, passed: Passed, own: Session) -> tuple[str, ...]:
        compression = asked.destination.compression
        digests.append(_add(passed, shop.layout, name, compression, own))
        bases.append(passed.plan.basis)
        if shop.derives:
            shop.ran.append(RunPlatform(name, passed.original.inventory, passed.plan))
        return ()

    own_request = replace(
        request,
        image=shop.source.pinned,
        report_directory=request.report_directory / folder(part.platform),
        closes=False,
        deliver=into_layout,
    )
    with _own_session(part, shop) as own:
        summary = harden(own_request, own)
    _same(part, summary.original.digest, shop)
    made = Made.EMULATED if bases[0] is Basis.EMULATED else Made.NATIVE
    result = PlatformResult(
        name,
        made,
        str(part.listed.digest),
        str(digests[0]),
        before=summary.original.size_bytes,
        after=summary.hardened.size_bytes,
        attestations=len(shop.source.listing.about(part.listed.digest)),
        summary=summary,
    )
    return Finished((_document(part, digests[0], made, shop),), result)


def derive_part(part: Part, request: HardenRequest, shop: Workshop) -> Finished:
    """Strip a platform of the packages that those that ran do without; run nothing.

    Raises VerificationError if the bytes are not as planned.
    """
    name = str(part.platform)
    with _own_session(part, shop) as own, ExitStack() as images:
        with own.stage("inspect"):
            image = images.enter_context(open_source(shop.source.pinned, own))
            original = examine(image, own)
        _same(part, original.image.ref.digest, shop)
        with own.stage("plan"):
            plan = derive(
                original.rootfs,
                original.inventory,
                original.image.config,
                original.image.ref,
                tuple(shop.ran),
            )
        stripped = strip_inspected(original, plan, images, own, f"{name}: the derived image")
        write_report(
            request.report_directory / folder(part.platform), {"plan.json": write_plan(plan)}
        )
        passed = Passed(stripped.image, None, None, original, plan)
        digest = _add(passed, shop.layout, name, request.destination.compression, own)
    result = PlatformResult(
        name,
        Made.DERIVED,
        str(part.listed.digest),
        str(digest),
        part.support.why,
        original.measure.size_bytes,
        stripped.measure.size_bytes,
        tuple(
            sorted(
                original.inventory.packages[purl].name
                for purl, found in plan.packages.items()
                if found.outcome is Outcome.REMOVED
            )
        ),
        len(shop.source.listing.about(part.listed.digest)),
    )
    return Finished((_document(part, digest, Made.DERIVED, shop),), result)


def keep_part(part: Part, shop: Workshop) -> Finished:
    """Copy a platform as it is, with the attestations about it. Raises as `IndexSource.copy`."""
    about = shop.source.listing.about(part.listed.digest)
    for item in (part.listed, *about):
        shop.source.copy(item, shop.layout)
    annotations = {**part.listed.descriptor.annotations, **KEPT}
    kept = {**part.listed.document, "annotations": annotations}
    result = PlatformResult(
        str(part.platform),
        Made.KEPT,
        str(part.listed.digest),
        str(part.listed.digest),
        part.support.why,
        attestations=len(about),
    )
    return Finished((kept, *(dict(item.document) for item in about)), result)


def _own_session(part: Part, shop: Workshop) -> AbstractContextManager[Session]:
    """Return a session for one platform: its scratch space goes as soon as it is done."""
    settings = replace(shop.session.settings, platform=part.opened_by)
    return session(settings, shop.session.progress)


def _add(passed: Passed, layout: Path, name: str, compression: Compression, own: Session) -> Digest:
    if passed.packed is not None:  # as the documents of the report name it
        add_blobs(passed.packed.path, layout)
        return passed.packed.digest
    own.say(f"packing the layers of {name}")
    return write_oci_layout(passed.image, layout, name, compression, packed=own.packed)


def _same(part: Part, digest: str, shop: Workshop) -> None:
    """Raise InputError if the image that was opened is not the one that was listed."""
    if digest != str(part.listed.digest):
        msg = (
            f"{shop.source.text}: {part.platform} was {part.listed.digest} and is {digest} now; the"
            " image was replaced meanwhile, run again"
        )
        raise InputError(msg)


def _document(part: Part, digest: Digest, made: Made, shop: Workshop) -> dict[str, Any]:
    """Return the descriptor of a new manifest."""
    size = (shop.layout / blob_name(digest)).stat().st_size
    annotations = {BASIS: made.value} if made is not Made.NATIVE else {}
    descriptor = Descriptor(OCI_MANIFEST, digest, size, annotations)
    return {**descriptor.document(), "platform": part.listed.document["platform"]}
