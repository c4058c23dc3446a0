"""OCI bytes: archives, layouts, layers and the merged root, read with limits, written reproducibly.

Takes references and streams, returns `Image` and `Rootfs`. Only this package knows tar, manifests
and whiteouts. All input is hostile. It knows no packages, plans or engines.
"""
