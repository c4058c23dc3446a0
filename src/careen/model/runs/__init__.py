"""Values of running containers: workloads, traces, exploration, engines."""
