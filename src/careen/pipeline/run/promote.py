"""Give a verified image the names that the user asked for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from careen.errors import CareenError, InputError, ToolError
from careen.model.runs.engine import PreparedImage
from careen.oci.image import Image
from careen.oci.manifest import Compression
from careen.oci.reference import EngineImage, RegistryImage, StorageImage, parse_reference
from careen.pipeline.run.destination_guard import refuse_original
from careen.pipeline.run.known_images import place_in_store
from careen.pipeline.run.outputs import check_output, staged_layout, staged_output
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Destination, Output, Place
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
    return pack_layers(image, destination.compression, session)


def pack_layers(image: Image, compression: Compression, session: Session) -> Packed:
    """Pack the image into a layout of the run; layers that were packed before keep their blobs."""
    session.say("packing the layers")
    known, before = session.known_layers, set(session.packed)
    for layer in image.layers:
        if layer.diff_id not in session.packed:
            packed = known.find(layer.diff_id, compression)
            if packed is not None:
                session.packed[layer.diff_id] = packed
                session.reused.add(layers=1)
                before.add(layer.diff_id)
    made = make_layout(image, session.scratch("push") / "layout", session.packed, compression)
    session.packed.update(made.layers(image))
    new = {layer.diff_id for layer in image.layers} - before
    known.keep({diff_id: session.packed[diff_id] for diff_id in sorted(new)}, compression)
    return made


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
    what = pushing or Push()
    made = what.packed
    if made is None and destination.packs:
        made = pack_layers(image, destination.compression, session)
    layout = made.path if made is not None else None

    def written(output: Output) -> AbstractContextManager[Callable[[], None]]:
        return staged_output(image, output, session.space, destination.compression, layout)

    def tag() -> None:
        if destination.tag is not None:
            _tag(image, prepared, destination.tag, session)

    with _aside(destination, written, session) as moves:
        return _named(
            destination, _pushed(made, destination, what.attachments, session), tag, moves
        )


def promote_packed(made: Packed, destination: Destination, session: Session) -> tuple[str, ...]:
    """Do the same for a packed image; `destination` has layouts and registries alone."""

    def written(output: Output) -> AbstractContextManager[Callable[[], None]]:
        return staged_layout(made.path, output, session.space)

    with _aside(destination, written, session) as moves:
        return _named(destination, _pushed(made, destination, (), session), lambda: None, moves)


@contextmanager
def _aside(
    destination: Destination,
    written: Callable[[Output], AbstractContextManager[Callable[[], None]]],
    session: Session,
) -> Iterator[tuple[Callable[[], None], ...]]:
    """Write all files beside their destinations, and yield the functions that move them there."""
    with ExitStack() as aside:
        moves = []
        for output in destination.files:
            session.say(f"writing {output}")
            moves.append(aside.enter_context(written(output)))
        yield tuple(moves)


def _named(
    destination: Destination,
    pushed: Mapping[Place, Callable[[], str]],
    tag: Callable[[], None],
    moves: Sequence[Callable[[], None]],
) -> tuple[str, ...]:
    """Give the image all names, and return them."""
    # What is likeliest to fail comes first. Renaming needs neither space nor time.
    try:
        names = {place: name() for place, name in pushed.items()}
        tag()
        for move in moves:
            move()
    except CareenError:
        raise
    except BaseException as ended:  # a signal: whoever was asked may have done it all the same
        ended.add_note(
            "the image passed, and may have its name already:"
            f" {', '.join(str(place) for place in destination.describe())}"
        )
        raise
    return (
        *((destination.tag,) if destination.tag else ()),
        *(names.get(place, str(place)) for place in destination.outputs),
    )


def _pushed(
    made: Packed | None,
    destination: Destination,
    attachments: Sequence[Attachment],
    session: Session,
) -> dict[Place, Callable[[], str]]:
    """Push to all registries; return the function that names each."""
    if made is None:
        return {}
    out: dict[Place, Callable[[], str]] = {}
    for place in destination.pushed:
        if isinstance(place, RegistryImage):
            session.say(f"pushing {place}")
            out[place] = push(made, place, {made.digest: attachments}, session.skopeo)
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
