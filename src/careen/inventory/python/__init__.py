"""Python distributions."""
