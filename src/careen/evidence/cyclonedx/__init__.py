"""What all CycloneDX documents share, and the one of findings."""
