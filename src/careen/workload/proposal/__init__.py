"""A first `careen.toml`: what an image, a Dockerfile and a directory say of a workload."""
