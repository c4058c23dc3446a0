print("hello from an index of our own")
