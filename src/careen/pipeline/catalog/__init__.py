"""`careen base`: list, build, verify, compare and migrate to base images."""
