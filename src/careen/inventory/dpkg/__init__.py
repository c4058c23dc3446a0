"""The databases of dpkg."""
