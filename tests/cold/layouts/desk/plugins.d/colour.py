import colorsys
import wave


def act(word):
    return f"{colorsys.rgb_to_hls(0.5, 0.25, len(word) / 10)} {wave.WAVE_FORMAT_PCM}"
