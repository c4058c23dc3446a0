"""Immutable values passed between the stages: frozen, slotted, without I/O.

This package imports no other package of careen except `errors`. Each module holds one idea;
alternatives are unions of small classes.
"""
