"""What `careen comply` joins beside the checks of the room `compliance`."""
