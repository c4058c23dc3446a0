import graphlib


class FilterModule:
    def filters(self):
        return {"counted": lambda text: f"{len(text.split())} words, {graphlib.CycleError.__name__}"}
