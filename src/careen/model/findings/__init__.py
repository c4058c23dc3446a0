"""Values of findings: advisories, severities, triage, VEX."""
