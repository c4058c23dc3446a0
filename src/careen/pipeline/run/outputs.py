"""Write a new image to files, atomically under the user's name."""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from careen.errors import InputError, ToolError
from careen.oci.image import Image
from careen.oci.index.write import place_layout
from careen.oci.layout import Layout, adopt
from careen.oci.manifest import Compression
from careen.oci.reference import DockerArchive, OciArchive, OciLayout
from careen.oci.write import write_docker_archive, write_oci_layout
from careen.pipeline.run.settings import Output
from careen.tools.remove_tree import remove_tree
from careen.tools.workspace import Cleaner, Leftover, Workspace

PARTIAL = "partial-output"


def remove_partial(name: str) -> None:
    """Remove the directory that a run was writing in, if it exists."""
    remove_tree(Path(name))


def cleaners() -> Mapping[str, Cleaner]:
    """Return the cleaner for leftovers of this module."""
    return {PARTIAL: remove_partial}


def check_output(output: Output) -> None:
    """Check that an output can be written. Raises InputError."""
    # Checked early, before an image is profiled.
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
        msg = f"output {str(output)!r}: exists and is not a file; name a file"
        raise InputError(msg)


def _try_out(directory: Path, output: Output) -> None:
    """Create and remove a directory to check that it is possible."""
    # Permission bits do not bind root, and say nothing about a read-only file system.
    probe = directory / f".{output.path.name}.{secrets.token_hex(4)}.probe"
    try:
        try:
            probe.mkdir(mode=0o700)
        finally:  # a signal may come between the two
            with suppress(FileNotFoundError):
                probe.rmdir()
    except OSError as error:
        msg = (
            f"output {str(output)!r}: directory {str(directory)!r} cannot be written to"
            f" ({error.strerror}); name another place"
        )
        raise InputError(msg) from error


@contextmanager
def staged_output(
    image: Image,
    output: Output,
    space: Workspace,
    compression: Compression = Compression.GZIP,
    packed: Path | None = None,
) -> Iterator[Callable[[], None]]:
    """Write the image beside its destination, and yield a function that moves it there.

    `compression` is that of an OCI layout's layers; `packed` is a layout of this image, if there is
    one. Without a call of the function nothing is left. Raises ToolError (disk full, not writable).
    """

    def write(partial: Path) -> Path:
        if isinstance(output, OciLayout):
            return _write_layout(image, partial, output, compression)
        return _write_archive(image, partial, output)

    if packed is not None and isinstance(output, OciLayout):
        with staged_layout(packed, output, space) as move:
            yield move
        return
    with staged(output, space, write) as move:
        yield move


@contextmanager
def staged_layout(packed: Path, output: Output, space: Workspace) -> Iterator[Callable[[], None]]:
    """Copy a layout with one image, as `staged_output` writes an image."""

    def write(partial: Path) -> Path:
        place_layout(
            packed, partial / "layout", output.tag if isinstance(output, OciLayout) else None
        )
        return partial / "layout"

    with staged(output, space, write) as move:
        yield move


@contextmanager
def staged(
    output: Output, space: Workspace, write: Callable[[Path], Path]
) -> Iterator[Callable[[], None]]:
    """Let `write` fill a directory beside a destination, and yield a function that moves it there.

    `write` returns what is to be moved. Without a call of the function nothing is left. Raises
    ToolError (disk full, not writable).
    """
    partial = output.path.absolute().parent / f".{output.path.name}.{secrets.token_hex(4)}.partial"
    leftover = Leftover(PARTIAL, str(partial))
    space.record(leftover)
    try:
        try:
            partial.mkdir(mode=0o755)
            made = write(partial)
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


def _write_layout(image: Image, partial: Path, output: OciLayout, compression: Compression) -> Path:
    write_oci_layout(image, partial / "layout", output.tag, compression)
    return partial / "layout"


def _write_archive(image: Image, partial: Path, output: DockerArchive | OciArchive) -> Path:
    # An archive of docker's is an OCI archive, too. The tag of one need not be a name of docker's:
    # other tools look for just that text, and docker refuses it where it names no image.
    name, oci_name = (output.ref, "") if isinstance(output, DockerArchive) else _names(output.tag)
    with (partial / "image.tar").open("wb") as stream:
        write_docker_archive(image, stream, (name,) if name else (), oci_name=oci_name)
        stream.flush()
        os.fsync(stream.fileno())
    return partial / "image.tar"


def _names(tag: str | None) -> tuple[str, str]:
    """Return docker's name of an OCI archive's image, "" if the tag is none, and the tag itself."""
    name = tag or ""
    return (name if "/" in name or ":" in name else ""), name
