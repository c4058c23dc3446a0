"""Hardening of AI and LLM container images: profile, plan, strip, verify, explain."""

__version__ = "0.1.0"
