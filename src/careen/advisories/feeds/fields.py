"""Type-checked access to the fields of an untrusted record; errors name the field's path."""

from careen.formats.json_document import Strict


class WrongField(ValueError):  # noqa: N818 — the name describes the state
    """A field has the wrong type. The message has its path, what was expected and found."""


FIELDS = Strict(WrongField, "record", longest=60, nulls=True)
wrong, mapping, mappings = FIELDS.wrong, FIELDS.mapping, FIELDS.objects
text, texts, items = FIELDS.text, FIELDS.texts, FIELDS.items


def shortened(value: str, limit: int) -> str:
    """Return at most `limit` characters; a cut text ends with `…`."""
    return value if len(value) <= limit else f"{value[: limit - 1].rstrip()}…"
