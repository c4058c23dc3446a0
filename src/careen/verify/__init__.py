"""Prove that the new image is what was planned and nothing else, and compare how both images
behaved.

Takes values of both images, returns findings. It must not know how they were made.
"""
