"""The drop-in contract: what an image must have as its upstream has it, item by item."""
