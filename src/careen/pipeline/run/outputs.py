"""Write a new image to files so that nothing half-written is ever seen under the name that the user
gave.
"""

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from careen.errors import InputError, ToolError
from careen.oci.image import Image
from careen.oci.layout import Layout, adopt
from careen.oci.reference import DockerArchive, OciLayout
from careen.oci.write import write_docker_archive, write_oci_layout
from careen.pipeline.run.settings import Output
from careen.tools.remove_tree import remove_tree
from careen.tools.workspace import Cleaner, Leftover, Workspace

PARTIAL = "partial-output"


def remove_partial(name: str) -> None:
    """Remove the directory that a run was writing in; silent when it is gone."""
    remove_tree(Path(name))


def cleaners() -> Mapping[str, Cleaner]:
    """Return the cleaner of what this module leaves behind."""
    return {PARTIAL: remove_partial}


def check_output(output: Output) -> None:
    """Raise InputError early when the place cannot be written to, so that nobody waits for a
    profile in vain.
    """
    parent = output.path.absolute().parent
    if not parent.is_dir():
        msg = f"output {str(output)!r}: directory {str(parent)!r} does not exist"
        raise InputError(msg)
    _try_out(parent, output)
    if isinstance(output, OciLayout):
        Layout(output.path)
        if output.path.is_dir():
            _try_out(output.path, output)
    elif output.path.exists() and not output.path.is_file():
        msg = f"output {str(output)!r}: is there and is not a file; give the name of a file"
        raise InputError(msg)


def _try_out(directory: Path, output: Output) -> None:
    """Make and remove a directory there: permission bits say little to root, and nothing of a file
    system that takes no files.
    """
    try:
        Path(
            tempfile.mkdtemp(prefix=f".{output.path.name}.", suffix=".probe", dir=directory)
        ).rmdir()
    except OSError as error:
        msg = (
            f"output {str(output)!r}: directory {str(directory)!r} cannot be written to"
            f" ({error.strerror}); name another place"
        )
        raise InputError(msg) from error


@contextmanager
def written_aside(image: Image, output: Output, space: Workspace) -> Iterator[Callable[[], None]]:
    """Write the image in a directory beside its destination, and yield what moves it there, which
    takes no more room; without that call nothing is left.

    Raises ToolError (disk full, not writable).
    """
    partial = output.path.absolute().parent / f".{output.path.name}.{secrets.token_hex(4)}.partial"
    leftover = Leftover(PARTIAL, str(partial))
    space.record(leftover)
    try:
        try:
            partial.mkdir(mode=0o755)
            made = (
                _write_layout(image, partial, output)
                if isinstance(output, OciLayout)
                else _write_archive(image, partial, output)
            )
        except OSError as error:
            raise _trouble(output, error) from error
        yield lambda: _move(made, output)
    finally:
        remove_partial(str(partial))
    space.forget(leftover)


def _move(made: Path, output: Output) -> None:
    try:
        if isinstance(output, OciLayout) and (output.path / "oci-layout").exists():
            adopt(made, output.path)
        else:
            made.rename(output.path)
    except OSError as error:
        raise _trouble(output, error) from error


def _trouble(output: Output, error: OSError) -> ToolError:
    return ToolError(f"writing {str(output)!r}: {error.strerror or error}")


def _write_layout(image: Image, partial: Path, output: OciLayout) -> Path:
    write_oci_layout(image, partial / "layout", output.tag)
    return partial / "layout"


def _write_archive(image: Image, partial: Path, output: DockerArchive) -> Path:
    with (partial / "image.tar").open("wb") as stream:
        write_docker_archive(image, stream, (output.ref,) if output.ref else ())
        stream.flush()
        os.fsync(stream.fileno())
    return partial / "image.tar"
