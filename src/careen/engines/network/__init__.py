"""The embedded engine's networks: namespaces, published ports and the egress proxy."""
