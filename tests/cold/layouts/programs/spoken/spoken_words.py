import audit_trail
import stringprep


def say(word):
    return " ".join(word), stringprep.in_table_a1("a"), audit_trail.STARTED
