"""Small models of many libraries, by chance or from a few lines: make.py FOLDER."""

import pickle
import sys
from pathlib import Path

import numpy as np

TEXTS = ["tea is poured from a pot into a cup", "coffee is ground and then brewed", "eine Tasse Tee, bitte", "une tasse de thé", "water boils at a hundred degrees", "お茶を一杯"]


def main(root: Path) -> None:
    root.mkdir(exist_ok=True)
    pieces(root)
    tokens(root)
    gguf(root / "tiny.gguf")
    forests(root)
    others(root)


def pieces(root: Path) -> None:
    import sentencepiece as sp

    lines = root / "lines.txt"
    lines.write_text("\n".join(TEXTS * 4))
    for kind in ("unigram", "bpe", "char", "word"):
        sp.SentencePieceTrainer.train(input=str(lines), model_prefix=str(root / ("tea" if kind == "unigram" else kind)), model_type=kind, vocab_size=60, hard_vocab_limit=False, minloglevel=2)
    lines.unlink()


def tokens(root: Path) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    for name, model, trainer in (("bpe", models.BPE(unk_token="?"), trainers.BpeTrainer(special_tokens=["?"], vocab_size=80)), ("wordpiece", models.WordPiece(unk_token="?"), trainers.WordPieceTrainer(special_tokens=["?"], vocab_size=80)), ("unigram", models.Unigram(), trainers.UnigramTrainer(vocab_size=80, special_tokens=["?"], unk_token="?"))):
        made = Tokenizer(model)
        made.normalizer, made.pre_tokenizer = normalizers.NFKC(), pre_tokenizers.Whitespace()
        made.train_from_iterator(TEXTS, trainer)
        made.save(str(root / f"{name}.json"))


def gguf(path: Path) -> None:
    """A llama of one block, its tokens bytes and letters."""
    from gguf import GGUFWriter, TokenType

    rng, width, inner = np.random.default_rng(1), 32, 64
    words = [("<unk>", TokenType.UNKNOWN), ("<s>", TokenType.CONTROL), ("</s>", TokenType.CONTROL), *((f"<0x{number:02X}>", TokenType.BYTE) for number in range(256)), *(("\u2581" + letter, TokenType.NORMAL) for letter in "abcdefghijklmnopqrstuvwxyz"), *((letter, TokenType.NORMAL) for letter in "\u2581abcdefghijklmnopqrstuvwxyz")]
    out = GGUFWriter(path, "llama")
    out.add_name("tiny")
    out.add_context_length(128)
    out.add_embedding_length(width)
    out.add_block_count(1)
    out.add_feed_forward_length(inner)
    out.add_head_count(2)
    out.add_head_count_kv(2)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_rope_dimension_count(width // 2)
    out.add_tokenizer_model("llama")
    out.add_token_list([word for word, _ in words])
    out.add_token_scores([-float(number) for number in range(len(words))])
    out.add_token_types([int(kind) for _, kind in words])
    out.add_bos_token_id(1)
    out.add_eos_token_id(2)
    out.add_unk_token_id(0)
    shapes = {"token_embd.weight": (len(words), width), "output.weight": (len(words), width), "output_norm.weight": (width,)}
    shapes |= {f"blk.0.{name}.weight": shape for name, shape in {"attn_norm": (width,), "ffn_norm": (width,), "attn_q": (width, width), "attn_k": (width, width), "attn_v": (width, width), "attn_output": (width, width), "ffn_gate": (inner, width), "ffn_up": (inner, width), "ffn_down": (width, inner)}.items()}
    for name, shape in shapes.items():
        out.add_tensor(name, (rng.normal(size=shape) / 4).astype(np.float32))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def forests(root: Path) -> None:
    import skops.io
    import treelite
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import QuantileTransformer

    rng = np.random.default_rng(2)
    rows = rng.normal(size=(60, 3))
    kinds = (rows.sum(1) > 0).astype(int)
    skops.io.dump(make_pipeline(QuantileTransformer(n_quantiles=10), KNeighborsClassifier()).fit(rows, kinds), root / "forest.skops")
    (root / "forest.pickle").write_bytes(pickle.dumps(GradientBoostingClassifier(n_estimators=5).fit(rows, kinds)))
    treelite.sklearn.import_model(RandomForestClassifier(5, random_state=0).fit(rows, kinds)).serialize(str(root / "forest.tl"))


def others(root: Path) -> None:
    import ahocorasick
    import marisa_trie
    import voyager

    index = voyager.Index(voyager.Space.Euclidean, num_dimensions=3)
    for number in range(5):
        index.add_item(np.asarray([number, 0, 0], "float32"))
    index.save(str(root / "near.voy"))
    marisa_trie.Trie(["tea", "teapot", "cup"]).save(str(root / "words.marisa"))
    found = ahocorasick.Automaton()
    for word in ("tea", "cup"):
        found.add_word(word, word)
    found.make_automaton()
    (root / "words.aho").write_bytes(pickle.dumps(found))


main(Path(sys.argv[1]))
