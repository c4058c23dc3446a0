from fractions import Fraction


def pay():
    return Fraction(38, 5)
