"""Texts of an image without the secrets that they may hold, for evidence that is passed on."""

from careen.compliance.secrets.marks import whole_tokens
from careen.model.runs.masking import MASK, masked


def hidden(text: str) -> str:
    """Return a text with `***` in place of likely secrets: values of telling names, and tokens."""
    data = masked(text).encode("utf-8", "surrogateescape")
    return whole_tokens().sub(MASK.encode(), data).decode("utf-8", "surrogateescape")
