"""Sign bytes and check signatures, by cosign: keys in files, in hardware and in key services, identities.

It knows bytes, keys and identities alone: not what they say, and no image.
"""
