"""Make the models and the data that the image brings: small, with random weights. Run once, when the image is built."""

import json

from loom.places import DATA, MODELS, RUNS, still

THINGS = ("tea", "milk", "bread", "honey", "rice", "plums", "salt", "oats")
PLACES = ("kitchen", "garden", "office", "harbour", "station", "market")
TEMPLATE = "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"


def sentences() -> list[str]:
    made = []
    for i, thing in enumerate(THINGS):
        for j, place in enumerate(PLACES):
            made.append(f"There is {thing} in the {place}, and {i + j} cups of it are fresh.")
    return made


def data() -> None:
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.feather
    import pyarrow.parquet
    from PIL import Image

    DATA.mkdir(parents=True)
    lines = sentences()
    rows = [{"id": n, "text": text, "label": n % 2} for n, text in enumerate(lines)]
    (DATA / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (DATA / "notes.txt").write_text("\n".join(lines) + "\n")
    (DATA / "plain").mkdir()
    (DATA / "plain" / "train.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in lines))
    table = pa.Table.from_pylist(rows)
    pa.parquet.write_table(table, DATA / "notes.parquet", compression="zstd")
    pa.csv.write_csv(table, DATA / "notes.csv")
    with pa.OSFile(str(DATA / "notes.arrow"), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    for number in range(4):
        folder = DATA / "pictures" / ("light" if number % 2 else "dark")
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 32), (200 * (number % 2), 30, 40 * number)).save(folder / f"{number}.png")


def models() -> None:
    import sentencepiece
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    still()
    words = Tokenizer(models.BPE())
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    special = ["<|pad|>", "<|bos|>", "<|eos|>", "<|user|>", "<|assistant|>", "<|system|>", "<|end|>"]
    words.train_from_iterator(
        sentences(), trainers.BpeTrainer(vocab_size=512, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    )
    fast = PreTrainedTokenizerFast(tokenizer_object=words, pad_token="<|pad|>", bos_token="<|bos|>", eos_token="<|eos|>", chat_template=TEMPLATE)
    fast.save_pretrained(MODELS / "chat")
    shape = LlamaConfig(
        vocab_size=len(fast), hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, tie_word_embeddings=False,
    )  # fmt: skip
    LlamaForCausalLM(shape).save_pretrained(MODELS / "chat")

    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz0123456789,.", *(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz")]
    vocabulary += ["there", "is", "in", "the", "and", "cups", "of", "it", "are", "fresh", *THINGS, *PLACES]
    (MODELS / "encoder").mkdir()
    (MODELS / "encoder" / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    BertTokenizer(str(MODELS / "encoder" / "vocab.txt")).save_pretrained(MODELS / "encoder")
    shape = BertConfig(vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64, max_position_embeddings=64)
    BertForSequenceClassification(shape).save_pretrained(MODELS / "encoder")

    (MODELS / "pieces").mkdir()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences()), model_prefix=str(MODELS / "pieces" / "spiece"), vocab_size=50, character_coverage=1.0, minloglevel=2
    )


def main() -> None:
    MODELS.mkdir(parents=True)
    data()
    models()
    RUNS.mkdir()
    from loom.areas.gguf_files import convert

    convert(out=str(MODELS / "chat.gguf"), kind="F16")


if __name__ == "__main__":
    main()
