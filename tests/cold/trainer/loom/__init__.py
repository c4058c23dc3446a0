"""Small language models: tuned, measured, converted, served."""
