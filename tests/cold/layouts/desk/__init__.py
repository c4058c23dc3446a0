"""A desk that takes orders and has other programs do the work."""
