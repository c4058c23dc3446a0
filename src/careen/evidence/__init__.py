"""The documents that others read: SBOM and VEX, in and out.

Takes values of `model`, returns bytes, and the other way round. It decides nothing.
"""
