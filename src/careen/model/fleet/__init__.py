"""Values of `careen fleet`: what is known of an image, a question, and its answer."""
