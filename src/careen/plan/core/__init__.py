"""What each mechanism works on: the image, what was observed, what is kept, and the rules."""
