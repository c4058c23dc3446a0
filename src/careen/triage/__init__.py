"""Triage of findings: tiers by evidence, priorities with reasons, ignore rules, policy gate.

Takes `Finding`s, an `Inventory`, a `RuntimeBom` and VEX statements; returns `Triaged` findings.
Nothing here may depend on how a finding was matched.
"""
