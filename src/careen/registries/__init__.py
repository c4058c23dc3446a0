"""Images in registries and in containers-storage: fetched, cached and delivered by skopeo.

Everything that a registry sends is hostile: documents are bounded, digests are checked, and a
transfer ends when it exceeds what the manifest declares.
"""
