"""A list of images as TOML, with a table for each image."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from careen.pipeline.watching.image_list import Watched


def list_text(images: Iterable[Watched], directory: Path) -> str:
    """Return a list for a directory: paths of careen.toml files are relative to it."""
    return "\n".join("\n".join((*_table(each, directory), "")) for each in images)


def _table(image: Watched, directory: Path) -> Iterator[str]:
    yield "[[image]]"
    yield f"source = {_text(image.source)}"
    yield f"tag = {_text(image.tag)}"
    yield f"config = {_text(os.path.relpath(image.config, directory))}"
    if not image.patch:
        yield "patch = false"
    if image.push:
        yield "push = true"
    if image.when:
        yield f"when = {_text(','.join(each.text for each in image.when))}"


def _text(text: str) -> str:
    # JSON's escapes of a text are those of TOML, but for surrogates, which no name has.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
