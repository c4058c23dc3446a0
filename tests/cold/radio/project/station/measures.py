"""Numbers about sounds, each by a plug-in."""

import io
import subprocess

from stevedore import ExtensionManager


def measure(name, sound):
    return ExtensionManager("station.measures", on_load_failure_callback=lambda *a: None)[name].plugin(sound)


def _array(sound):
    import soundfile

    return soundfile.read(io.BytesIO(sound))


def loudness(sound):
    import pyloudnorm

    data, rate = _array(sound)
    return {kind: round(pyloudnorm.Meter(rate, filter_class=kind).integrated_loudness(data), 1) for kind in ("K-weighting", "DeMan", "Fenton/Lee 1", "Dash et al.")}


def pitch(sound):
    import parselmouth
    from parselmouth.praat import call

    data, rate = _array(sound)
    one = parselmouth.Sound(data, rate)
    pulses = call(one, "To PointProcess (periodic, cc)", 75, 500)
    return {
        "mean": round(float(call(one.to_pitch(), "Get mean", 0, 0, "Hertz"))),
        "jitter": round(call(pulses, "Get jitter (local)", 0, 0, 0.0001, 0.02, 1.3), 2),
        "formant": round(one.to_formant_burg().get_value_at_time(1, 0.3)),
        "harmonicity": round(call(one.to_harmonicity(), "Get mean", 0, 0)),
    }


def speech(sound):
    import soxr
    import webrtcvad

    data, rate = _array(sound)
    voiced = (soxr.resample(data, rate, 16000) * 32767).astype("int16").tobytes()
    one = webrtcvad.Vad(1)
    return sum(one.is_speech(voiced[at : at + 640], 16000) for at in range(0, len(voiced) - 640, 640)) > 3


def fingerprint(sound):
    done = subprocess.run(["fpcalc", "-raw", "-plain", "-"], input=sound, capture_output=True)
    return (done.stdout or done.stderr).decode()[:40]


def spectrum(sound):
    from scipy import fft, signal, stats

    data, rate = _array(sound)
    f, p = signal.welch(data, rate)
    return [round(float(f[p.argmax()])), round(float(stats.entropy(p + 1e-12)), 1), len(fft.dct(data)), len(signal.find_peaks(data)[0]) > 3]
