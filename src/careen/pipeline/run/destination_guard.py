"""Keep the name and the file of the original from becoming the result's."""

from pathlib import Path

from careen.errors import InputError
from careen.oci.layout import Layout
from careen.oci.reference import (
    EngineImage,
    OciLayout,
    Reference,
    RegistryImage,
    StorageImage,
    full_name,
    parse_reference,
)
from careen.pipeline.run.settings import Destination, Output


def refuse_original(destination: Destination, original: str) -> None:
    """Check that a result does not take the original's name, file or place in a layout.

    `original` is as the user typed it. Raises InputError.
    """
    source = parse_reference(original)
    if destination.tag is not None:
        _spare_name(destination.tag, source, f"-t {destination.tag}")
    for output in destination.outputs:
        if isinstance(output, RegistryImage | StorageImage):
            _spare_name(output.name, source, str(output))
        else:
            _spare_place(output, source)


def _spare_name(name: str, source: Reference, said: str) -> None:
    # A plain name may be pulled from its registry.
    if isinstance(source, EngineImage | RegistryImage | StorageImage) and _same_name(
        source.name, name
    ):
        msg = (
            f"{said}: is the name of the original, which careen never replaces; choose another tag"
        )
        raise InputError(msg)


def _same_name(name: str, tag: str) -> bool:
    # A digest alone (`NAME@sha256:…`) is no name that could move.
    plain, at, _ = name.partition("@")
    if at and ":" not in plain.rpartition("/")[2]:
        return False
    return full_name(plain) == full_name(tag)


def _spare_place(output: Output, source: Reference) -> None:
    if isinstance(source, EngineImage | RegistryImage | StorageImage) or not _same_place(
        output.path, source.path
    ):
        return
    if not isinstance(output, OciLayout):
        msg = (
            f"-o {output}: is the original's own file, which must stay as it is; choose another"
            " file"
        )
        raise InputError(msg)
    if isinstance(source, OciLayout) and _replaces(output, source):
        msg = (
            f"-o {output}: is the original's own place in its layout, which must stay with the"
            " original; choose another tag or directory"
        )
        raise InputError(msg)


def _same_place(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them is missing; a missing original is reported when it is opened
        return False


def _replaces(output: OciLayout, source: OciLayout) -> bool:
    # A new image replaces the one of its name. An original without a tag is the only image of its
    # layout.
    if source.tag is not None and (
        output.tag is None or full_name(source.tag) != full_name(output.tag)
    ):
        return False
    return output.tag in Layout(output.path).names()
