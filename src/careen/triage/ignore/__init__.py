"""Allow-lists: findings that somebody has reviewed and excused, in the shapes that teams use.

One file per shape reads and writes it; the rest is the same for all: which findings an entry names
(`matching`), when it ends (`standing`), what a new one says (`propose`), and which are needed no
longer (`needed`).
"""
