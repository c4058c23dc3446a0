"""Make a container do its work: readiness, the user's tests, and the configuration file that
describes them.

Takes a started `Container` and a `Workload`, returns a `WorkloadResult`. It must not know engines'
insides, sensors or plans.
"""
