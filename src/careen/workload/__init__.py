"""Workloads of a container: readiness, the user's tests and their configuration file.

A run takes a started `Container` and a `Workload` and returns a `WorkloadResult`. It must not
depend on engines' internals, sensors or plans.
"""
