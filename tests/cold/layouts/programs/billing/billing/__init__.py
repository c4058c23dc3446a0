"""Bills, on the path by a variable of the environment."""
