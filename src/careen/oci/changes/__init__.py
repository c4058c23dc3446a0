"""Changes of an image: edited, appended and rewritten layers."""
