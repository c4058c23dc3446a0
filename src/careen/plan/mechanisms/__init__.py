"""Mechanisms: what a plan keeps beyond what was observed, and why."""
