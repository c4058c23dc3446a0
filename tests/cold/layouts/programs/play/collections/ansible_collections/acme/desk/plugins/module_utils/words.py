import fractions


def words(who):
    return f"good day, {who}, {fractions.Fraction(1, 2)}"
