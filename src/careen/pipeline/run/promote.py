"""Give a verified image the names that the user asked for."""

from contextlib import ExitStack

from careen.errors import InputError, ToolError
from careen.model.runs.engine import PreparedImage
from careen.oci.image import Image
from careen.oci.reference import EngineImage, parse_reference
from careen.pipeline.run.destination_guard import refuse_original
from careen.pipeline.run.known_images import place_in_store
from careen.pipeline.run.outputs import check_output, staged_output
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Destination


def check_destination(destination: Destination, original: str, session: Session) -> None:
    """Check early that a destination can be written, and is not the original's place.

    `original` is as the user typed it. Raises InputError or ToolError.
    """
    destination.require()
    if destination.tag is not None:
        _check_tag(destination.tag)
    refuse_original(destination, original)
    for output in destination.outputs:
        check_output(output)
    if destination.tag is not None:
        try:
            _ = session.store
        except ToolError as error:
            msg = (
                f"-t {destination.tag}: tags live in an engine's store, and {error}; start the"
                " engine, or write to a file with -o"
            )
            raise ToolError(msg) from error


def _check_tag(tag: str) -> None:
    if not isinstance(parse_reference(tag), EngineImage) or "@" in tag or tag.startswith("sha256:"):
        msg = f"-t {tag}: not a name for an engine's store; give NAME or NAME:TAG, files with -o"
        raise InputError(msg)


def promote(
    image: Image, prepared: PreparedImage | None, destination: Destination, session: Session
) -> tuple[str, ...]:
    """Write all outputs aside, then give them their names; return the names."""
    # Renaming needs neither space nor time, so it is unlikely to fail halfway.
    with ExitStack() as aside:
        moves = []
        for output in destination.outputs:
            session.say(f"writing {output}")
            moves.append(aside.enter_context(staged_output(image, output, session.space)))
        if destination.tag is not None:
            _tag(image, prepared, destination.tag, session)
        for move in moves:
            move()
    return destination.describe()


def _tag(image: Image, prepared: PreparedImage | None, tag: str, session: Session) -> None:
    store = session.store
    if prepared is None or store is not session.engine:
        session.say(f"loading the new image into {store.name}")
        prepared = store.load_image(image)
    store.tag(prepared, tag)
    session.known.note(place_in_store(prepared.handle, session.settings.platform), image.ref)
