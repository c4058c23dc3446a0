"""`manifest.json` of a docker archive: its images with their config and layers."""

import re
from dataclasses import dataclass

from careen.errors import ImageError, InputError
from careen.oci.blobs import Store, read_document
from careen.oci.choices import listed
from careen.oci.documents import as_list, as_object, as_text, read_json
from careen.oci.limits import MAX_LAYERS
from careen.oci.reference import full_name

MANIFEST = "manifest.json"
_NUMBERED = re.compile(r"@(\d{1,9})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class SavedImage:
    """One image of `docker save`: names of files in the archive, layers lowest first."""

    config: str
    tags: tuple[str, ...]
    layers: tuple[str, ...]


def read_saved(store: Store, where: str) -> tuple[SavedImage, ...]:
    """Return the images of manifest.json, or raise ImageError."""
    place = f"{where}: {MANIFEST}"
    out: list[SavedImage] = []
    for i, raw in enumerate(
        as_list(read_json(read_document(store, MANIFEST, where), place), place)
    ):
        doc = as_object(raw, f"{place}[{i}]")
        texts = {
            key: tuple(
                as_text(item, f"{place}[{i}].{key}[{j}]")
                for j, item in enumerate(as_list(doc.get(key), f"{place}[{i}].{key}"))
            )
            for key in ("RepoTags", "Layers")
        }
        if len(texts["Layers"]) > MAX_LAYERS:
            msg = (
                f"{place}[{i}].Layers: {len(texts['Layers'])} layers are more than the {MAX_LAYERS}"
                " that are read"
            )
            raise ImageError(msg)
        out.append(
            SavedImage(
                as_text(doc.get("Config"), f"{place}[{i}].Config"),
                texts["RepoTags"],
                texts["Layers"],
            )
        )
    if not out:
        msg = f"{place}: no image in the archive"
        raise ImageError(msg)
    return tuple(out)


def pick(saved: tuple[SavedImage, ...], ref: str | None, where: str) -> SavedImage:
    """Return the image that `ref` names (a tag, or `@N`), or the only one.

    Raises InputError that lists the images.
    """
    if ref is None and len(saved) == 1:
        return saved[0]
    numbered = _NUMBERED.match(ref or "")
    if numbered and int(numbered[1]) < len(saved):
        return saved[int(numbered[1])]
    fitting = [
        image
        for image in saved
        if ref is not None and full_name(ref) in {full_name(tag) for tag in image.tags}
    ]
    if len(fitting) == 1:
        return fitting[0]
    there = listed([image.tags[0] if image.tags else f"@{i}" for i, image in enumerate(saved)])
    what = (
        "holds several images"
        if ref is None
        else (
            f"no image is called {ref!r}"
            if not fitting
            else f"{len(fitting)} images are called {ref!r}"
        )
    )
    msg = f"{where}: {what}; name one of them after a colon: {there}"
    raise InputError(msg)
