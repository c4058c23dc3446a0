"""Layers by their names, preprocessing, applications, other back ends."""
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np

print(keras.backend.backend())
layers = keras.layers
x = np.random.default_rng(1).normal(size=(2, 12, 8)).astype("float32")
picture = np.random.default_rng(1).normal(size=(2, 16, 16, 3)).astype("float32")
for name in ("LSTM", "GRU", "SimpleRNN", "Conv1D", "SeparableConv1D", "DepthwiseConv1D", "Conv1DTranspose"):
    print(name, getattr(layers, name)(*((4,) if not name.startswith(("Conv", "Sep", "Dep")) else (4, 3) if not name.startswith("Dep") else (3,)))(x).shape)
for one in (layers.Bidirectional(layers.LSTM(4)), layers.TimeDistributed(layers.Dense(2)), layers.RMSNormalization(), layers.GroupNormalization(4), layers.UnitNormalization(), layers.EinsumDense("abc,cd->abd", (None, 4), bias_axes="d"), layers.SpectralNormalization(layers.Dense(2)), layers.GlobalMaxPooling1D(), layers.Cropping1D(1), layers.UpSampling1D(2), layers.ZeroPadding1D(1), layers.Identity(), layers.PReLU(), layers.Masking(), layers.LeakyReLU(), layers.GaussianNoise(0.1), layers.Lambda(lambda a: a * 2)):
    print(type(one).__name__, tuple(one(x).shape))
print(layers.MultiHeadAttention(2, 4)(x, x).shape, layers.GroupQueryAttention(4, 4, 2)(x, x).shape, layers.AdditiveAttention()([x, x]).shape)
for one in (layers.Conv2D(4, 3), layers.DepthwiseConv2D(3), layers.RandomRotation(0.1), layers.RandomZoom(0.1), layers.RandomFlip(), layers.Rescaling(0.5), layers.CenterCrop(8, 8), layers.Resizing(4, 4), layers.RandomContrast(0.1), layers.MaxPooling2D(), layers.RandomGrayscale()):
    try:
        print(type(one).__name__, tuple(one(picture).shape))
    except Exception as error:
        print(type(one).__name__, type(error).__name__)
if keras.backend.backend() == "tensorflow":
    norm = layers.Normalization()
    norm.adapt(x)
    print(norm(x).shape, layers.Discretization([0.0])(x).shape, layers.Hashing(4)(np.array([["a"], ["b"]])).shape, layers.StringLookup(vocabulary=["a"])(np.array(["a", "z"])).numpy(), layers.IntegerLookup(vocabulary=[1])(np.array([1, 9])).numpy(), layers.CategoryEncoding(3)(np.array([0, 2])).shape, layers.HashedCrossing(4)((np.array(["a"]), np.array(["b"]))).shape)
    texts = layers.TextVectorization(output_mode="tf_idf", ngrams=2)
    texts.adapt(["a b", "b c"])
    print(texts.get_vocabulary()[:3], texts(["grüße b"]).shape)
    for name in ("MobileNetV3Small", "EfficientNetV2B0"):
        print(name, getattr(keras.applications, name)(weights=None, input_shape=(32, 32, 3), classes=5)(np.zeros((1, 32, 32, 3), "float32")).shape)
    print(keras.applications.resnet50.preprocess_input(np.ones((1, 2, 2, 3), "float32"))[0, 0, 0])
    try:
        keras.applications.MobileNetV2(weights="imagenet")
    except Exception as error:
        print(type(error).__name__, "storage.googleapis.com" in str(error))
    try:
        keras.datasets.mnist.load_data()
    except Exception as error:
        print(type(error).__name__)
print(keras.ops.image.resize(picture, (8, 8)).shape, np.round(keras.ops.convert_to_numpy(keras.ops.logsumexp(x[0, 0])), 3), keras.ops.numpy.linspace(0, 1, 3).shape, keras.random.normal((2,), seed=1).shape)
print(keras.utils.to_categorical([0, 2]).tolist(), keras.utils.pad_sequences([[1], [2, 3]]).tolist(), keras.utils.timeseries_dataset_from_array(np.arange(10), None, 3).__class__.__name__ if keras.backend.backend() == "tensorflow" else "")
for name in ("glorot_uniform", "he_normal", "orthogonal", "lecun_uniform", "truncated_normal"):
    print(name, tuple(keras.initializers.get(name)((4, 4)).shape))
print([tuple(keras.activations.get(name)(x).shape) for name in ("swish", "mish", "hard_sigmoid", "glu", "celu", "log_softmax", "sparse_plus")][0])


@keras.saving.register_keras_serializable("mine")
class Twice(layers.Layer):
    def call(self, inputs):
        return inputs * 2


print(keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(Twice())).__class__.__name__)
try:
    keras.layers.Dense(4)(np.zeros(()))
except Exception as error:
    print(type(error).__name__)
try:
    keras.saving.load_model("/nothing.keras")
except Exception as error:
    print(type(error).__name__, str(error)[:50])
try:
    keras.saving.load_model("/etc/passwd")
except Exception as error:
    print(type(error).__name__, str(error)[:50])
