"""Small networks in JAX: trained, kept and served."""

__version__ = "2.1"
