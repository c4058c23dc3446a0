"""The embedded engine's networks: namespaces, published ports, and the proxy for package
managers.
"""
