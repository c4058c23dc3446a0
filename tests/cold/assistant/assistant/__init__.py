"""An assistant."""
