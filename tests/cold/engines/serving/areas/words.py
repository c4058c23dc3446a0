"""Chores with words: CTranslate2, SentencePiece, tokenizers."""

import json
import tempfile
from pathlib import Path

import ctranslate2
import numpy as np
import sentencepiece

from serving.shared import MODELS, Tries

PIECES = ["▁t", "e", "a"]


def translated() -> dict:
    """CTranslate2: kinds of numbers, of search, of output; models that are none."""
    tried, folder = Tries(), str(MODELS / "nmt")
    tried("types", lambda: sorted(ctranslate2.get_supported_compute_types("cpu")))
    for kind in ("default", "auto", "float32", "int8", "int8_float32", "int16", "bfloat16", "float16", "int8_bfloat16", "nothing"):

        def run(kind: str = kind) -> list:
            translator = ctranslate2.Translator(folder, compute_type=kind, intra_threads=1)
            return [translator.compute_type, len(translator.translate_batch([PIECES], max_decoding_length=4)[0].hypotheses)]

        tried(f"as {kind}", run)
    translator = ctranslate2.Translator(folder, compute_type="float32", intra_threads=1)
    tried("beam", lambda: translator.translate_batch([PIECES], beam_size=4, num_hypotheses=3, max_decoding_length=4, return_scores=True)[0].scores)
    tried(
        "sampled",
        lambda: (
            ctranslate2.set_random_seed(3)
            or len(translator.translate_batch([PIECES], sampling_topk=5, beam_size=1, max_decoding_length=4)[0].hypotheses[0]) > 0
        ),
    )
    tried("prefix", lambda: translator.translate_batch([PIECES], target_prefix=[["e"]], max_decoding_length=4)[0].hypotheses)
    tried("attention", lambda: np.shape(translator.translate_batch([PIECES], return_attention=True, max_decoding_length=3)[0].attention[0]))
    tried(
        "alternatives",
        lambda: translator.translate_batch([PIECES], target_prefix=[["e"]], return_alternatives=True, num_hypotheses=2, max_decoding_length=3)[0].hypotheses,
    )
    tried("scored", lambda: translator.score_batch([PIECES], [["e", "a"]])[0].log_probs)
    tried("streamed", lambda: [item.token for item in translator.generate_tokens(PIECES, max_decoding_length=3)])
    tried("files", lambda: _file(translator))
    tried(
        "suppressed",
        lambda: (
            translator.translate_batch([PIECES], suppress_sequences=[["e"]], repetition_penalty=1.2, no_repeat_ngram_size=2, max_decoding_length=4)[
                0
            ].hypotheses
        ),
    )
    tried("unloaded", lambda: (translator.unload_model(to_cpu=True), translator.load_model(), translator.model_is_loaded))
    tried("a generator", lambda: ctranslate2.Generator(folder))
    tried("whisper", lambda: ctranslate2.models.Whisper(folder))
    tried("cuda", lambda: (ctranslate2.get_cuda_device_count(), ctranslate2.Translator(folder, device="cuda")))
    tried("not there", lambda: ctranslate2.Translator("/models/gone"))
    tried("no model", lambda: ctranslate2.Translator(str(MODELS)))
    tried(
        "storage",
        lambda: np.array(ctranslate2.StorageView.from_array(np.ones((2, 2), np.float32)).to(ctranslate2.DataType.bfloat16).to(ctranslate2.DataType.float32)),
    )
    tried("contains", lambda: ctranslate2.contains_model(folder))
    tried("empty", lambda: translator.translate_batch([[]]))
    tried("wrong", lambda: translator.translate_batch([PIECES], beam_size=0))
    return tried.done


def _file(translator: ctranslate2.Translator) -> list:
    folder = Path(tempfile.mkdtemp())
    (folder / "in").write_text("▁t e a\n▁c u p\n")
    statistics = translator.translate_file(str(folder / "in"), str(folder / "out"), max_decoding_length=3)
    return [statistics.num_examples, len((folder / "out").read_text().splitlines())]


def quantized(kind: str) -> dict:
    """A model that is written again with other numbers, and its size."""
    from serving.prepare import translator

    path = Path(tempfile.mkdtemp()) / "nmt"
    translator(path, [line.split("\t")[0] for line in (MODELS / "words.vocab").read_text().splitlines()], kind)
    made = ctranslate2.Translator(str(path))
    smaller = (path / "model.bin").stat().st_size < (MODELS / "nmt" / "model.bin").stat().st_size
    return {"smaller": smaller, "hypotheses": len(made.translate_batch([PIECES], max_decoding_length=3))}


def marian(folder: str) -> dict:
    """A model as Marian writes it, for `ct2-marian-converter`."""
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    rng, size, inner, words = np.random.default_rng(4), 8, 16, ["</s>", "<unk>", "tea", "cup", "pot"]
    config = (
        "\n".join(
            [
                "type: transformer",
                "version: v1.9",
                "enc-depth: 1",
                "dec-depth: 1",
                "transformer-heads: 2",
                "transformer-preprocess: ''",
                "transformer-postprocess: dan",
                "transformer-postprocess-emb: d",
                "transformer-ffn-activation: relu",
                "transformer-decoder-autoreg: self-attention",
                "transformer-train-position-embeddings: false",
                "transformer-guided-alignment-layer: last",
                "transformer-no-projection: false",
                "transformer-postprocess-top: ''",
                "tied-embeddings: true",
                "tied-embeddings-all: true",
                "tied-embeddings-src: false",
                "transformer-aan-depth: 2",
                "dec-cell: gru",
                "",
            ]
        )
        + "\0"
    )
    model = {
        "special:model.yml": np.frombuffer(config.encode(), np.int8),
        "Wemb": rng.normal(size=(len(words), size)).astype(np.float32),
        "decoder_ff_logit_out_b": rng.normal(size=(1, len(words))).astype(np.float32),
    }

    def attention(name: str) -> None:
        for letter in "qkvo":
            model[f"{name}_W{letter}"] = rng.normal(size=(size, size)).astype(np.float32)
            model[f"{name}_b{letter}"] = np.zeros((1, size), np.float32)
        norm(f"{name}_Wo")

    def norm(name: str) -> None:
        model[f"{name}_ln_scale"], model[f"{name}_ln_bias"] = np.ones((1, size), np.float32), np.zeros((1, size), np.float32)

    for side, names in (("encoder", ["self"]), ("decoder", ["self", "context"])):
        for name in names:
            attention(f"{side}_l1_{name}")
        model[f"{side}_l1_ffn_W1"], model[f"{side}_l1_ffn_b1"] = rng.normal(size=(size, inner)).astype(np.float32), np.zeros((1, inner), np.float32)
        model[f"{side}_l1_ffn_W2"], model[f"{side}_l1_ffn_b2"] = rng.normal(size=(inner, size)).astype(np.float32), np.zeros((1, size), np.float32)
        norm(f"{side}_l1_ffn_ffn")
    np.savez(path / "model.npz", **model)
    (path / "words.yml").write_text("".join(f"{json.dumps(word)}: {number}\n" for number, word in enumerate(words)))
    return {"made": sorted(item.name for item in path.iterdir())}


def run_marian(folder: str) -> dict:
    translator = ctranslate2.Translator(folder)
    return {
        "compute": ctranslate2.Translator(folder, compute_type="int8").compute_type,
        "hypotheses": translator.translate_batch([["tea", "cup"]], max_decoding_length=3)[0].hypotheses,
    }


def pieces() -> dict:
    """SentencePiece and tokenizers: kinds of models, normalisers, errors."""
    tried, folder, texts = Tries(), Path(tempfile.mkdtemp()), str(MODELS / "texts.txt")
    for kind in ("unigram", "bpe", "char", "word"):

        def trained(kind: str = kind) -> list:
            sentencepiece.SentencePieceTrainer.train(
                input=texts,
                model_prefix=str(folder / kind),
                vocab_size=40,
                model_type=kind,
                minloglevel=2,
                hard_vocab_limit=False,
                normalization_rule_name="nmt_nfkc_cf",
            )
            return sentencepiece.SentencePieceProcessor(model_file=str(folder / f"{kind}.model")).encode("Ａ cup of TEA", out_type=str)

        tried(f"trained {kind}", trained)
    words = sentencepiece.SentencePieceProcessor(model_file=str(MODELS / "words.model"))
    tried("sampled", lambda: len(words.encode("tea", enable_sampling=True, alpha=0.1, nbest_size=-1)) > 0)
    tried("best", lambda: sentencepiece.SentencePieceProcessor(model_file=str(folder / "unigram.model")).nbest_encode_as_pieces("tea", 2))
    tried("proto", lambda: type(words.encode("tea", out_type="proto")).__name__)
    tried(
        "model proto",
        lambda: (
            __import__("sentencepiece.sentencepiece_model_pb2")
            and sentencepiece.sentencepiece_model_pb2.ModelProto.FromString((MODELS / "words.model").read_bytes()).trainer_spec.vocab_size
        ),
    )
    tried("normalised", lambda: sentencepiece.SentencePieceNormalizer(rule_name="nfkc").normalize("ＴＥＡ ﬁ"))
    tried("not there", lambda: sentencepiece.SentencePieceProcessor(model_file="/nothing"))
    tried("no model", lambda: sentencepiece.SentencePieceProcessor(model_file=texts))

    import tokenizers as tk
    from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

    for name, model, trainer in (
        ("bpe", models.BPE(unk_token="?"), trainers.BpeTrainer(vocab_size=60, special_tokens=["?"], show_progress=False)),
        ("unigram", models.Unigram(), trainers.UnigramTrainer(vocab_size=50, show_progress=False)),
        ("level", models.WordLevel(unk_token="?"), trainers.WordLevelTrainer(special_tokens=["?"], show_progress=False)),
    ):

        def trained_too(name: str = name, model=model, trainer=trainer) -> list:
            made = tk.Tokenizer(model)
            made.normalizer = normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()])
            made.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.UnicodeScripts(), pre_tokenizers.Whitespace()])
            made.train([texts], trainer)
            made.post_processor = processors.TemplateProcessing(single="$A", pair="$A $B:1", special_tokens=[])
            made.decoder = decoders.Fuse()
            made.enable_padding(length=6)
            return [made.get_vocab_size(), made.encode("Thé tea", "cup").type_ids[-1]]

        tried(f"tokenizers {name}", trained_too)
    tried("bytes", lambda: tk.ByteLevelBPETokenizer().get_vocab_size())
    tried("saved", lambda: tk.Tokenizer.from_file(str(MODELS / "words.json")).encode("a cup of tea").tokens)
    tried("broken", lambda: tk.Tokenizer.from_str('{"model": 1}'))
    tried("a hub", lambda: tk.Tokenizer.from_pretrained("nothing/nothing"))
    tried(
        "shown",
        lambda: (
            "tea"
            in __import__("tokenizers.tools").tools.EncodingVisualizer(tk.Tokenizer.from_file(str(MODELS / "words.json")), default_to_notebook=False)(
                "a cup of tea"
            )
        ),
    )
    return tried.done


def answer() -> dict:
    """One answer, for a look at other processors."""
    return {
        "score": round(
            ctranslate2.Translator(str(MODELS / "nmt"), compute_type="float32", intra_threads=1).score_batch([PIECES], [["e", "a"]])[0].log_probs[0], 2
        )
    }
