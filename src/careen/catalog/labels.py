"""Labels by which an image says which base it is."""

ENTRY_LABEL = "io.careen.base.entry"
VARIANT_LABEL = "io.careen.base.variant"
