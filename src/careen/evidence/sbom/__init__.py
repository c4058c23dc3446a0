"""Readers and writers of SBOMs: CycloneDX, SPDX and Syft."""
