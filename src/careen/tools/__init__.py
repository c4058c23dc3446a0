"""Outside programs and the machine: how a program is run, and what a run may leave behind.

Everything that outlives a crash (containers, mounts, directories, untagged images) is written to the run's journal first
(`workspace`). Knows nothing of images' content.
"""
