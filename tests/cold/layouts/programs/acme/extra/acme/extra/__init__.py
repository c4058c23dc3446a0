from boltons.strutils import pluralize


def say(words):
    return [pluralize(word) for word in words]
