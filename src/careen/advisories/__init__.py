"""Advisories: one reader per feed, the SQLite store, and matching.

Takes feed documents and an `Inventory`, returns findings. Only `update` reads the network. Nothing
here may depend on what a workload ran.
"""
