"""OCI bytes: archives, layouts, layers and the merged root file system, read with limits and
written deterministically.

Takes references and streams, returns `Image` and `Rootfs`; the only room that knows tar, manifests
and whiteouts. Everything read here is hostile. It must not know packages, plans or engines.
"""
