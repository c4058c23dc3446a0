"""Findings of an image or an SBOM, and their triage."""
