"""Run a container and hand over its image: docker, and an embedded engine over runc (or crun) that
needs no daemon.

Takes a `PreparedImage` and `RunOptions`, returns a `Container` (the ports are in `model.engine`).
It must not know sensors, tests or plans.
"""
