"""Record containers that others run: pods by label, and one beside a sidecar."""
