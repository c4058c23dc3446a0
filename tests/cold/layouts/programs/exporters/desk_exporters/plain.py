class Plain:
    @staticmethod
    def export(word):
        return word
