"""By the apt of the image."""
