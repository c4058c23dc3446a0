"""Services of compose files: what they need, and each hardened beside its neighbours."""
