"""Values of packages: names, owners, purls, distributions."""
