"""Outside programs and the machine: how a program is run, what a run may leave behind, and how a
container's port is asked.

Everything that outlives a crash (containers, mounts, directories, untagged images) is written to
the run's journal first (`workspace`). Knows nothing of images' content.
"""
