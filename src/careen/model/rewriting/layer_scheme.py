"""Ways to cut an image into layers."""

import enum


class LayerScheme(enum.Enum):
    """Layers of the result: the original's, or cut so that versions share them."""

    ORIGINAL = "original"
    SHARED = "shared"
