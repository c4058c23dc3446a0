"""What the variant `runtime` keeps of a root."""
