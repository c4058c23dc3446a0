"""Attestations: in-toto statements about a hardened image, in signed Sigstore bundles."""
