"""Write a new image to files so that nothing half-written is ever seen under the name that the user gave."""

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from careen.errors import InputError, ToolError
from careen.oci.image import Image
from careen.oci.reference import DockerArchive, OciLayout
from careen.oci.write import write_docker_archive, write_oci_layout
from careen.pipeline.settings import Output
from careen.tools.workspace import Cleaner, Leftover, Workspace

PARTIAL = "partial-output"


def remove_partial(name: str) -> None:
    """Remove the directory that a run was writing in; silent when it is gone."""
    if Path(name).exists():
        shutil.rmtree(name)


def cleaners() -> Mapping[str, Cleaner]:
    """Return the cleaner of what this module leaves behind."""
    return {PARTIAL: remove_partial}


def check_output(output: Output) -> None:
    """Raise InputError early when the place cannot be written to, so that nobody waits for a profile in vain."""
    parent = output.path.absolute().parent
    if not parent.is_dir():
        msg = f"output {str(output)!r}: directory {str(parent)!r} does not exist"
        raise InputError(msg)
    if not os.access(parent, os.W_OK):
        msg = f"output {str(output)!r}: directory {str(parent)!r} cannot be written to"
        raise InputError(msg)
    if not isinstance(output, OciLayout) and output.path.is_dir():
        msg = f"output {str(output)!r}: is a directory; give the name of a file"
        raise InputError(msg)


def write_output(image: Image, output: Output, space: Workspace) -> None:
    """Write the image in a directory beside its destination and move it there when it is whole. Raises ToolError (disk full, not writable)."""
    partial = output.path.absolute().parent / f".{output.path.name}.{secrets.token_hex(4)}.partial"
    leftover = Leftover(PARTIAL, str(partial))
    space.record(leftover)
    try:
        partial.mkdir(mode=0o755)
        if not isinstance(output, OciLayout):
            _write_archive(image, partial / "image.tar", output)
            (partial / "image.tar").rename(output.path)
        elif output.path.exists():
            write_oci_layout(image, output.path, output.tag)  # adds blobs, then replaces the index at once
        else:
            write_oci_layout(image, partial / "layout", output.tag)
            (partial / "layout").rename(output.path)
    except OSError as error:
        msg = f"writing {str(output)!r}: {error.strerror or error}"
        raise ToolError(msg) from error
    finally:
        remove_partial(str(partial))
    space.forget(leftover)


def _write_archive(image: Image, path: Path, output: DockerArchive) -> None:
    with path.open("wb") as stream:
        write_docker_archive(image, stream, (output.ref,) if output.ref else ())
        stream.flush()
        os.fsync(stream.fileno())
