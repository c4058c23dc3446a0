"""The press, compiled by Cython."""
