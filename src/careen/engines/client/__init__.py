"""Containers and images of docker or podman, by their command lines."""
