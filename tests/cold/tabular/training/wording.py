"""Numbers in words."""


def words(number):
    import inflect

    return inflect.engine().number_to_words(number)
