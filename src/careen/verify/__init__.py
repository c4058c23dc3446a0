"""Verification that the new image is as planned, and comparison of both images' behaviour.

Takes values of both images, returns findings. Nothing here may depend on how they were made.
"""
