"""The values that pass between the stages: frozen, slotted, without I/O.

Takes nothing from the other rooms and knows nothing of files, programs or terminals. A module here
holds one idea; alternatives are unions of small classes.
"""
