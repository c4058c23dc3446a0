"""Give a verified image the names that the user asked for."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from careen.errors import InputError, ToolError
from careen.model.runs.engine import PreparedImage
from careen.oci.image import Image
from careen.oci.reference import EngineImage, RegistryImage, StorageImage, parse_reference
from careen.pipeline.run.destination_guard import refuse_original
from careen.pipeline.run.known_images import place_in_store
from careen.pipeline.run.outputs import check_output, staged_output
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Destination, Place
from careen.registries.deliver import (
    Packed,
    check_reachable,
    make_layout,
    push,
    require_pushable,
    store,
)
from careen.registries.referrers import Attachment
from careen.registries.skopeo import SKOPEO


def check_destination(destination: Destination, original: str | None, session: Session) -> None:
    """Check early that a destination can be written, and is not the original's place.

    `original` is as the user typed it, None if there is none. Raises InputError or ToolError.
    """
    destination.require()
    if destination.tag is not None:
        _check_tag(destination.tag)
    if original is not None:
        refuse_original(destination, original)
    for output in destination.outputs:
        if isinstance(output, RegistryImage | StorageImage):
            SKOPEO.require()
            require_pushable(output)
            if isinstance(output, RegistryImage):
                check_reachable(output, session.skopeo)
        else:
            check_output(output)
    if destination.tag is not None:
        try:
            _ = session.store
        except ToolError as error:
            msg = (
                f"-t {destination.tag}: tags live in an engine's store, and {error}; or push"
                " it with --push, or write to a file with -o"
            )
            raise ToolError(msg) from error


def _check_tag(tag: str) -> None:
    if not isinstance(parse_reference(tag), EngineImage) or "@" in tag or tag.startswith("sha256:"):
        msg = (
            f"-t {tag}: not a name for an engine's store; give NAME or NAME:TAG, and anything else"
            " with -o"
        )
        raise InputError(msg)


@dataclass(frozen=True, slots=True)
class Push:
    """What is pushed: the packed image, None to pack it then, and what is attached to it."""

    packed: Packed | None = None
    attachments: Sequence[Attachment] = ()


def pack(image: Image, destination: Destination, session: Session) -> Packed | None:
    """Pack the image as it will be pushed, or return None if it is not. Its digest is final."""
    if not destination.pushed:
        return None
    session.say("packing the layers")
    scratch = session.scratch("push") / "layout"
    return make_layout(image, scratch, session.packed, destination.compression)


def packed_first(image: Image, destination: Destination, session: Session) -> Packed | None:
    """Do the same as a stage of its own, before the documents that name the digest."""
    if not destination.pushed:
        return None
    with session.stage("promote"):
        return pack(image, destination, session)


def promote(
    image: Image,
    prepared: PreparedImage | None,
    destination: Destination,
    session: Session,
    pushing: Push | None = None,
) -> tuple[str, ...]:
    """Write and push all outputs aside, then give them their names; return the names.

    A pushed image's name is returned with its digest. `pushing` may hold what was
    packed before, and attachments, which go to registries alone.
    """
    with ExitStack() as aside:
        moves = []
        for output in destination.files:
            session.say(f"writing {output}")
            staged = staged_output(image, output, session.space, destination.compression)
            moves.append(aside.enter_context(staged))
        pushed = _pushed(image, destination, pushing or Push(), session)
        # What is likeliest to fail comes first. Renaming needs neither space nor time.
        names = {place: name() for place, name in pushed.items()}
        if destination.tag is not None:
            _tag(image, prepared, destination.tag, session)
        for move in moves:
            move()
    return (
        *((destination.tag,) if destination.tag else ()),
        *(names.get(place, str(place)) for place in destination.outputs),
    )


def _pushed(
    image: Image, destination: Destination, what: Push, session: Session
) -> dict[Place, Callable[[], str]]:
    """Push to all registries; return the function that names each."""
    made = what.packed or pack(image, destination, session)
    if made is None:
        return {}
    out: dict[Place, Callable[[], str]] = {}
    for place in destination.pushed:
        if isinstance(place, RegistryImage):
            session.say(f"pushing {place}")
            out[place] = push(made, place, {made.digest: what.attachments}, session.skopeo)
        else:
            out[place] = partial(store, made, place, session.skopeo)
    return out


def _tag(image: Image, prepared: PreparedImage | None, tag: str, session: Session) -> None:
    store = session.store
    if prepared is None or store is not session.engine:
        session.say(f"loading the new image into {store.name}")
        prepared = store.load_image(image)
    store.tag(prepared, tag)
    session.known.note(place_in_store(prepared.handle, session.settings.platform), image.ref)
