import spoken_words


def export(word):
    return spoken_words.say(word)
