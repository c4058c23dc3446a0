"""Read and write SBOMs: CycloneDX, SPDX and Syft."""
