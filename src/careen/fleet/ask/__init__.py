"""Questions to the store: their syntax, the index walks, and the answer."""
