"""Cryptography of an image: decides which implementations it has, and how far each is validated.

Takes `Rootfs`, `Inventory`, the configuration's environment and an optional RBOM; returns a
`CryptoInventory`, and the changes that turn FIPS mode on. It runs nothing, and must not know of
engines.
"""
