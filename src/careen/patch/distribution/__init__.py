"""What the patchers of apk and rpm share: they ask for exact versions, find what goes together, and
work on a copy with a tooling image's manager.
"""
