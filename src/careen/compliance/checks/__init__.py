"""The checks, by what they read; `careen.compliance.registry` lists them."""
