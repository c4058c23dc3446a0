class FilterModule:
    def filters(self):
        return {"joined": "+".join}
