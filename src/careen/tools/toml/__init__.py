"""Read TOML with the place of each mistake."""
