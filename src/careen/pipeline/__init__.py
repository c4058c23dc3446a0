"""One use case per file: the stages in their order. Whoever reads a file top to bottom has read how
that use case works.
"""
