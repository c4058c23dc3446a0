"""Which findings matter here: tiers by evidence, priority with its reasons, what is ignored and
why, the policy gate.

Takes `Finding`s, an `Inventory`, a `RuntimeBom` and VEX statements; returns `Triaged` findings. It
must not know how a finding was matched.
"""
