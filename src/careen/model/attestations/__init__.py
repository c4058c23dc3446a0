"""Values of attestations: what was signed of an image, and what a check of it found."""
