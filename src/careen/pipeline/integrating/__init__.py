"""What `careen ci` does with one image: what changed, and the least work that follows from it."""
