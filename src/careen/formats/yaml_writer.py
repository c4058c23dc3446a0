"""YAML without anchors and aliases, which some readers refuse."""

import yaml


class PlainDumper(yaml.SafeDumper):
    """Writes a value as often as it occurs."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 — the signature of PyYAML
        """Return True."""
        return True
