"""Explain a path, a package or a finding from the evidence of a plan."""
