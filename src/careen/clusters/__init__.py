"""Pods of a Kubernetes node: which there are, which are chosen, and what they are made from.

Lists of pods come from a kubelet, an API server or a file, and are hostile input.
"""
