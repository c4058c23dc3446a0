"""`careen fleet`: documents of many images into the store, and questions to it."""
