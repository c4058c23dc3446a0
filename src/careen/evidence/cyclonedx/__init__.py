"""Parts shared by all CycloneDX documents, and the findings document."""
