"""Readers and writers of VEX: OpenVEX, CSAF and CycloneDX."""
