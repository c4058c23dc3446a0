"""Files of machine-learning models."""
