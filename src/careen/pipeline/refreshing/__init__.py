"""One pass of `careen base refresh` over the entries of the catalog."""
