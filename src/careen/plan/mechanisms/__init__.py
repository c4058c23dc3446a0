"""What is kept beyond what was observed, and why."""
