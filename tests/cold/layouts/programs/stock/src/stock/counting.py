def check(shelf):
    return sum(value for value in shelf.values() if isinstance(value, int))
