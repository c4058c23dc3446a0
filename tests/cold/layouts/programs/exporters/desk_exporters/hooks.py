import pluggy

hookimpl = pluggy.HookimplMarker("desk")


@hookimpl
def on_word(word):
    return len(word)
