"""Values of a rewrite: how layers are cut, and what may differ from the original."""
