"""A workshop of other people's programs."""
