"""SBOM and VEX documents, read and written, and other scanners' reports, read.

This package converts between values of `model` and bytes. It decides only what VEX may state, by
the rule of docs/vex.md.
"""
