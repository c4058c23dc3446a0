"""Documents in, passages out."""

__version__ = "4.1"
