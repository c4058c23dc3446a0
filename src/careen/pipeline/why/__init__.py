"""Explain a path, a package or a finding, by the evidence that the plan was made from."""
