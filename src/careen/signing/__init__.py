"""Sign bytes and check signatures, by cosign: keys in files, hardware or services, identities.

It knows bytes, keys and identities alone: not what they say, and no image.
"""
