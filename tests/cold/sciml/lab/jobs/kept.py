"""What was pickled years ago, by other processes, in every protocol: only the names in the files say what is needed."""

import glob
import os
import pickle

KEPT = os.environ.get("LAB_KEPT", "/srv/lab/kept")


def _told(value):
    text = type(value).__module__.split(".")[0] + "." + type(value).__name__
    try:
        return f"{text}[{len(value)}]"
    except TypeError:
        return text


def every_protocol():
    told = []
    for path in sorted(glob.glob(f"{KEPT}/*.p[0-5]")):
        with open(path, "rb") as file:
            told.append(f"{os.path.basename(path)} {_told(pickle.load(file))};")
    return told


def still_at_work():
    import numpy as np

    told = []
    for name in ("forest", "boosted", "chain", "nearest", "topics"):
        with open(f"{KEPT}/{name}.p2", "rb") as file:
            model = pickle.load(file)
        told.append(f"{name} {np.shape(model.predict(np.ones((2, 4))) if hasattr(model, 'predict') else model.transform(np.ones((2, 4))))}")
    with open(f"{KEPT}/spline.p2", "rb") as file:
        told.append(round(float(pickle.load(file)(0.5)), 3))
    with open(f"{KEPT}/random.p2", "rb") as file:
        told.append(round(float(pickle.load(file).normal()), 4))
    return told


def of_python_two():
    """Bytes that Python 2 with NumPy 1 wrote: module names of that time."""
    text = b"cnumpy.core.multiarray\n_reconstruct\np0\n(cnumpy\nndarray\np1\n(I0\ntp2\nS'b'\np3\ntp4\nRp5\n(I1\n(I3\ntp6\ncnumpy\ndtype\np7\n(S'i4'\np8\nI0\nI1\ntp9\nRp10\n(I3\nS'<'\np11\nNNNI-1\nI-1\nI0\ntp12\nbI00\nS'\\x01\\x00\\x00\\x00\\x02\\x00\\x00\\x00\\x03\\x00\\x00\\x00'\np13\ntp14\nb."
    return [
        pickle.loads(text, encoding="latin1").tolist(),
        pickle.loads(b"ccopy_reg\n_reconstructor\n(c__builtin__\nobject\nc__builtin__\nobject\nNtR.").__class__.__name__,
        type(pickle.loads(b"cUserDict\nUserDict\n.")).__name__,
    ]


def by_joblib():
    import joblib

    return [f"{os.path.basename(path)} {_told(joblib.load(path))};" for path in sorted(glob.glob(f"{KEPT}/*.joblib*"))]


def by_numpy():
    import numpy as np
    import scipy.io
    import scipy.sparse

    return [
        np.load(f"{KEPT}/a.npy").sum(),
        sorted(np.load(f"{KEPT}/a.npz")),
        np.load(f"{KEPT}/objects.npy", allow_pickle=True)[1],
        scipy.sparse.load_npz(f"{KEPT}/s.npz").nnz,
        sorted(key for key in scipy.io.loadmat(f"{KEPT}/m.mat") if key[0] != "_"),
        scipy.io.wavfile.read(f"{KEPT}/w.wav")[0],
        scipy.io.mmread(f"{KEPT}/m.mtx").nnz,
        scipy.io.arff.loadarff(_text(b"@relation r\n@attribute a numeric\n@data\n1\n"))[0][0][0],
    ]


def _text(data):
    import io

    return io.StringIO(data.decode())


def that_cannot_be_read():
    told = []
    for data in (b"cnothing.at.all\nThing\n.", b"\x80\x05\x95", b"", b"cnumpy\nno_such_name\n."):
        try:
            pickle.loads(data)
        except Exception as error:
            told.append(type(error).__name__)
    return told
