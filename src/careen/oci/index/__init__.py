"""Image indexes: the manifests of all platforms, listed and written."""
