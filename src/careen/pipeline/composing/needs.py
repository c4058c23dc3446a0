"""What compose needs to start a service beside an image: docker, and images that are there."""

from collections.abc import Sequence

from careen.engines.client.engine import ClientEngine
from careen.errors import InputError
from careen.oci.reference import EngineImage, parse_reference
from careen.pipeline.run.session import Session


def require_docker(session: Session) -> None:
    """Raise InputError unless the engine is docker, before an image is read."""
    engine = session.engine
    if not isinstance(engine, ClientEngine) or engine.client.is_daemonless:
        msg = f"--compose: needs docker and its compose plug-in, and the engine is {engine.name}"
        raise InputError(msg)


def require_built(image: str, built: Sequence[str], session: Session) -> None:
    """Raise InputError unless compose can start a service beside the image.

    `built` are the services whose image compose builds. One that it did not build yet is not
    looked up in a registry, where the name may be anybody's.
    """
    require_docker(session)
    engine = session.engine
    if built and isinstance(engine, ClientEngine) and _is_missing(engine, image):
        msg = (
            f"service {built[0]!r}: its image {image!r} was not built; `docker compose build"
            f" {' '.join(built)}` builds it"
        )
        raise InputError(msg)


def _is_missing(engine: ClientEngine, image: str) -> bool:
    return (
        isinstance(parse_reference(image), EngineImage)
        and engine.client.inspect_image(image) is None
    )
