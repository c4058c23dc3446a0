"""Readers of the public feeds, one file per feed: documents in, records out.

A document is recognised by its content, never by its name. A record that is not in its feed's shape
is refused with a reason and the others go on; a document that ends in the middle raises. A reader
knows nothing of the database.
"""
