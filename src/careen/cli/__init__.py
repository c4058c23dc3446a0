"""One verb per file: options in, a pipeline call, an exit status out."""
