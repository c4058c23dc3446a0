"""The documents that others read: SBOM and VEX, in and out, and other scanners' reports in.

Takes values of `model`, returns bytes, and the other way round. It decides only what may be stated
in VEX, by the rule of docs/vex.md.
"""
