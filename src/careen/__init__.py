"""careen makes AI and LLM container images safe to run: profile, plan, strip, verify, and say what
was done and why.
"""

__version__ = "0.1.0"
