"""Inputs and shared state of the mechanisms: image, observations, kept paths and rules."""
