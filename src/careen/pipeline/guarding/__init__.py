"""The watch of a running container against the RBOM and the plan of its image."""
