"""Values of `careen comply`: results of checks, frameworks, and an assessment."""
