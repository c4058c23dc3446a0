"""Read and write VEX: OpenVEX, CSAF and CycloneDX."""
