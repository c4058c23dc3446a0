"""Checks of an image, and their results by framework: CIS, STIG, NIST and others.

Takes an open image, its inventory and, where they are known, its RBOM, findings and evidence;
returns an `Assessment`. Checks decide by evidence and run nothing; frameworks are data. It writes
no documents, and must not know of engines.
"""
