"""Readers of the public feeds, one file per feed.

A document is recognised by its content, never by its name. A malformed record is refused with a
reason and the others go on. A truncated document raises. Readers do not depend on the database.
"""
