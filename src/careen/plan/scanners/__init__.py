"""Turn bytes into names: what a source, a script or a compiled program says. They know no image."""
