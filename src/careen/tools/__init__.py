"""Tools for outside programs and the machine: processes, the work directory, HTTP, files.

Everything that outlives a crash (containers, mounts, directories, untagged images) is written to
the run's journal first (`workspace`). These modules know nothing of images' content.
"""
