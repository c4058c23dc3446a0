"""A studio for models."""
