"""Command line: one command per file, which maps options to a pipeline call and an exit status."""
