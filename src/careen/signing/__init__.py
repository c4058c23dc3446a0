"""Sign bytes and check signatures, by cosign: by keys, in files or elsewhere, and by identities.

It knows bytes, keys and identities alone: not what they say, and no image.
"""
