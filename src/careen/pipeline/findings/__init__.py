"""What is known against an image or an SBOM, and what of that matters here."""
