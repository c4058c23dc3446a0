"""Search for secrets in all layers and in the configuration; gitleaks judges what is found."""
