"""The evidence directory of a run: its layout, its manifest, and the history of an image."""
