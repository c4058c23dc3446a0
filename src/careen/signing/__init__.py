"""Sign bytes and check signatures, by cosign: keys in files, in hardware and in key services.

It knows bytes and keys alone: not what they say, and no image.
"""
