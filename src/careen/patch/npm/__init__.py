"""Patching of Node projects.

npm fetches and checks; careen places the files (`files`) and updates the lock files (`lock`).
"""
