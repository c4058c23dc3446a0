"""The file tree of an image: layers merged, paths walked."""
