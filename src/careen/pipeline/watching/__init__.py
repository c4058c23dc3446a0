"""One pass of `careen watch` over its list of images."""
