from gate.media import counted


def work(text="Tor 5 門"):
    effects = (
        "textoverlay text='"
        + text
        + "' ! timeoverlay ! clockoverlay ! videobox border-alpha=0 ! videoflip method=clockwise ! gamma ! videobalance ! edgetv ! videoconvert"
    )
    return f"{counted('videotestsrc num-buffers=5 ! ' + effects + ' ! fakesink name=s')}\n"
