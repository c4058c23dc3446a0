"""Limits of what is read of an image; real AI images have 100,000 files and layers of 20 GB."""

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

MAX_DOCUMENT = 8 * MIB
"""Bytes of one manifest, index or config; registries refuse manifests over 4 MiB."""

MAX_DEPTH = 64
"""Nesting of a JSON document."""

MAX_LAYERS = 1024
MAX_MANIFESTS = 1024
"""Manifests read while an index is resolved, nested ones included."""

MAX_INDEX_DEPTH = 4

MAX_MEMBERS = 2_000_000
"""Entries of all layers of one image together; also of one archive."""

MAX_EXTENDED = 1 * MIB
"""Bytes of one pax header or GNU long name."""

MAX_SPARSE_PARTS = 100_000
MAX_SPARSE_SIZE = 64 * GIB
"""Bytes of all sparse files together, holes included: a hole costs nothing to declare, and all of
its length to read."""
