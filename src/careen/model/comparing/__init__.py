"""What differs between two images, and between two runs."""
