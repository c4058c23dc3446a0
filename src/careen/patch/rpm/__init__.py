"""rpm distributions: dnf or microdnf of the image (`dnf`), or dnf of a tooling image (`shadow`)."""
