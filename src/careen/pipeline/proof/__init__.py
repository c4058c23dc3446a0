"""Show that a new image does what the original did, and repair it where it does not."""
