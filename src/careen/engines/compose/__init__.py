"""Services of a compose file: docker's compose plug-in starts neighbours and creates containers."""
