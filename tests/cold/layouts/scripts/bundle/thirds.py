import fractions

answer = fractions.Fraction(1, 3) + 1
