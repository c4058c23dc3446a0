def tell(words):
    return " ".join(words)
