"""Readers of other scanners' reports: Grype, Trivy and SARIF."""
