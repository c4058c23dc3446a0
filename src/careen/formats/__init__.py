"""File formats that several stages read or write: ELF, zip archives, rpm headers, Python's RECORD,
dpkg's status file, JSON, CVSS vectors.

Takes bytes or a seekable stream, returns values, and writes those values back byte for byte.
Everything read here is hostile. It must not know images, paths of a root file system or packages as
the model has them.
"""
