"""librosa on paths that the service does not take: its lazy modules, numba, display, decomposition."""
import io
import os
import warnings

os.environ.setdefault("NUMBA_CACHE_DIR", "/tmp/numba")
os.environ.setdefault("MPLCONFIGDIR", "/tmp/mpl")
warnings.simplefilter("ignore")
import librosa
import numpy as np

y = np.sin(np.arange(22050) * 0.1).astype("float32") * np.linspace(1, 0.2, 22050, dtype="float32")


def attempt(name, action):
    try:
        print(name, action())
    except Exception as error:
        print(name, type(error).__name__, str(error).strip().splitlines()[0][:90])


S = np.abs(librosa.stft(y))
attempt("all names", lambda: sorted(name for name in dir(librosa) if not name.startswith("_") and getattr(librosa, name, None) is None))
attempt("mfcc", lambda: librosa.feature.mfcc(y=y).shape)
attempt("tonnetz", lambda: librosa.feature.tonnetz(y=y).shape)
attempt("inverse", lambda: librosa.feature.inverse.mel_to_stft(librosa.feature.melspectrogram(y=y)).shape)
attempt("rhythm", lambda: librosa.feature.tempogram(y=y).shape)
attempt("pyin", lambda: librosa.pyin(y, fmin=60, fmax=800)[0].shape)
attempt("yin", lambda: librosa.yin(y, fmin=60, fmax=800).shape)
attempt("cqt", lambda: librosa.cqt(y).shape)
attempt("vqt", lambda: librosa.vqt(y).shape)
attempt("hybrid", lambda: librosa.hybrid_cqt(y).shape)
attempt("griffin", lambda: librosa.griffinlim(S, n_iter=2).shape)
attempt("beat", lambda: np.ravel(librosa.beat.beat_track(y=y)[0]).shape)
attempt("plp", lambda: librosa.beat.plp(y=y).shape)
attempt("onset", lambda: librosa.onset.onset_detect(y=y).shape)
attempt("decompose", lambda: librosa.decompose.decompose(S[:, :20], n_components=2, max_iter=5)[0].shape)
attempt("hpss", lambda: librosa.effects.hpss(y)[0].shape)
attempt("nn filter", lambda: librosa.decompose.nn_filter(S).shape)
attempt("stretch", lambda: librosa.effects.time_stretch(y, rate=2).shape)
attempt("trim", lambda: librosa.effects.trim(y)[0].shape)
attempt("segment", lambda: librosa.segment.recurrence_matrix(S[:, :20]).shape)
attempt("agglomerative", lambda: librosa.segment.agglomerative(S[:, :20], 3).shape)
attempt("laplacian", lambda: librosa.segment.subsegment(S[:, :20], [0, 10]).shape)
attempt("dtw", lambda: librosa.sequence.dtw(S[:, :9], S[:, :7])[1].shape)
attempt("viterbi", lambda: librosa.sequence.viterbi(np.full((2, 5), 0.5), np.full((2, 2), 0.5)).shape)
attempt("filters", lambda: librosa.filters.semitone_filterbank()[1].shape)
attempt("iirt", lambda: librosa.iirt(y).shape)
for kind in ("soxr_vhq", "fft", "polyphase", "linear", "kaiser_best"):
    attempt(kind, lambda: librosa.resample(y, orig_sr=22050, target_sr=16000, res_type=kind).shape)
attempt("notation", lambda: (librosa.hz_to_note(440), librosa.thaat_to_degrees("bilaval").tolist(), librosa.key_to_notes("C:maj")[:3], librosa.mela_to_svara(1)[:2]))
attempt("weighting", lambda: librosa.perceptual_weighting(S, librosa.fft_frequencies()).shape)
attempt("util", lambda: (librosa.util.peak_pick(S[3], pre_max=3, post_max=3, pre_avg=3, post_avg=3, delta=0.1, wait=1).shape, librosa.util.normalize(S).shape, librosa.util.nnls(S[:, :3], S[:, :4]).shape))
attempt("examples", lambda: librosa.util.list_examples())
attempt("example", lambda: librosa.ex("trumpet"))
attempt("versions", lambda: librosa.show_versions())


def shown():
    import librosa.display
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plot

    figure, axes = plot.subplots()
    librosa.display.specshow(librosa.amplitude_to_db(S, ref=np.max), y_axis="mel", x_axis="time", ax=axes)
    out, page = io.BytesIO(), io.BytesIO()
    figure.savefig(out, format="png")
    figure.savefig(page, format="svg")
    librosa.display.waveshow(y, sr=22050, ax=axes)
    return out.getvalue()[:4], b"<svg" in page.getvalue()


attempt("display", shown)


def jitted():
    import numba

    @numba.njit(cache=False, parallel=True)
    def total(x):
        out = 0.0
        for n in numba.prange(len(x)):
            out += x[n]
        return out

    @numba.guvectorize(["void(float64[:], float64[:])"], "(n)->()")
    def mean(x, out):
        out[0] = x.mean()

    @numba.vectorize(["float64(float64)"], target="parallel")
    def twice(x):
        return x * 2

    return total(np.ones(1000)), mean(np.ones((2, 3))).tolist(), twice(np.ones(2)).tolist(), numba.threading_layer()


attempt("numba", jitted)
attempt("stencil", lambda: __import__("numba").stencil(lambda a: a[-1] + a[1])(np.arange(5.0)).tolist())
attempt("typed", lambda: dict(__import__("numba").typed.Dict.empty(__import__("numba").types.int64, __import__("numba").types.float64)))


def classes():
    from numba import float64
    from numba.experimental import jitclass

    @jitclass([("x", float64)])
    class Point:
        def __init__(self, x):
            self.x = x

    return Point(2.0).x


attempt("class", classes)


def reduced():
    import noisereduce

    return noisereduce.reduce_noise(y=y, sr=22050).shape, noisereduce.reduce_noise(y=y, sr=22050, use_torch=True, device="cpu").shape


attempt("noise", reduced)
