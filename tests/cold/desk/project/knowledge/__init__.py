"""Articles, and engines that find them."""
