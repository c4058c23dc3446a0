"""Read other scanners' reports: Grype, Trivy and SARIF."""
