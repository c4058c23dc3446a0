"""Two finished runs side by side, as of two versions of an image: what differs in the results."""
