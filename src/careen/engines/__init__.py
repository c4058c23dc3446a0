"""Container engines: docker, and an embedded engine over runc or crun without a daemon.

An engine takes a `PreparedImage` and `RunOptions` and returns a `Container` (the ports are in
`model.engine`). It must not depend on sensors, tests or plans.
"""
