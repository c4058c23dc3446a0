"""Promote: give a verified image the names that the user asked for, and only then."""

from careen.engines.docker import DockerEngine
from careen.errors import ToolError
from careen.model.engine import PreparedImage
from careen.oci.image import Image
from careen.oci.write import write_docker_archive
from careen.pipeline.outputs import check_output, write_output
from careen.pipeline.session import Session
from careen.pipeline.settings import Destination


def check_destination(destination: Destination) -> None:
    """Raise InputError or ToolError now for a destination that could not be written later."""
    destination.require()
    for output in destination.outputs:
        check_output(output)
    if destination.tag is not None:
        reason = DockerEngine.probe()
        if reason is not None:
            msg = f"-t {destination.tag}: tags live in docker's store, and docker cannot be used: {reason}; start the daemon, or write to a file with -o"
            raise ToolError(msg)


def promote(image: Image, prepared: PreparedImage | None, destination: Destination, session: Session) -> tuple[str, ...]:
    """Write the files first, then the tag, which is the last thing that can fail. Return where the image can be had now."""
    for output in destination.outputs:
        session.say(f"writing {output}")
        write_output(image, output, session.space)
    if destination.tag is not None:
        docker = session.engine if isinstance(session.engine, DockerEngine) else DockerEngine(session.space)
        if prepared is None or docker is not session.engine:
            session.say("loading the new image into docker")
            prepared = docker.load(lambda stream: write_docker_archive(image, stream, ()), image.ref.config_digest)
        docker.tag(prepared, destination.tag)
    return destination.describe()
