"""A base cut from an upstream image: what must stay, what must go, and what the variant changes."""
