"""Make the models: small, of random weights, in the forms that their engines read."""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import timm
import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

SPECIAL = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|de|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nocaptions|>", "<|notimestamps|>"]


def whisper(root: Path) -> None:
    tokens = Tokenizer(models.BPE())
    tokens.pre_tokenizer, tokens.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    tokens.train_from_iterator(["the cat sat on the mat and the dog sat on the log"] * 3, trainers.BpeTrainer(vocab_size=300, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    data = json.loads(tokens.to_str())["model"]
    (root / "vocab.json").write_text(json.dumps(data["vocab"]))
    (root / "merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(pair) if isinstance(pair, list) else pair for pair in data["merges"]) + "\n")
    tokenizer = transformers.WhisperTokenizerFast(vocab=str(root / "vocab.json"), merges=str(root / "merges.txt"), vocab_file=str(root / "vocab.json"), merges_file=str(root / "merges.txt"), unk_token=SPECIAL[0], bos_token=SPECIAL[0], eos_token=SPECIAL[0], pad_token=SPECIAL[0])
    tokenizer.add_special_tokens({"additional_special_tokens": SPECIAL[1:]})
    tokenizer.add_tokens([f"<|{step * 0.02:.2f}|>" for step in range(1501)])
    word = tokenizer.convert_tokens_to_ids
    ids = dict(zip(SPECIAL, map(word, SPECIAL), strict=True))
    torch.manual_seed(3)
    config = transformers.WhisperConfig(
        vocab_size=len(tokenizer), num_mel_bins=80, d_model=32, encoder_layers=1, decoder_layers=2, encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32,
        max_target_positions=96, pad_token_id=ids[SPECIAL[0]], bos_token_id=ids[SPECIAL[0]], eos_token_id=ids[SPECIAL[0]], decoder_start_token_id=ids[SPECIAL[1]], suppress_tokens=None, begin_suppress_tokens=None)  # fmt: skip
    model = transformers.WhisperForConditionalGeneration(config).eval()
    made = model.generation_config
    made.is_multilingual, made.lang_to_id, made.task_to_id = True, {name: ids[name] for name in SPECIAL[2:4]}, {"translate": ids["<|translate|>"], "transcribe": ids["<|transcribe|>"]}
    made.no_timestamps_token_id, made.prev_sot_token_id, made.alignment_heads, made.max_length = ids["<|notimestamps|>"], ids["<|startofprev|>"], [[0, 0], [1, 1]], 40
    made.max_initial_timestamp_index, made._from_model_config = 50, False
    model.save_pretrained(root)
    transformers.WhisperProcessor(transformers.WhisperFeatureExtractor(feature_size=80), tokenizer).save_pretrained(root)


def faster(source: Path, root: Path) -> None:
    import ctranslate2

    ctranslate2.converters.TransformersConverter(str(source), copy_files=["tokenizer.json"]).convert(str(root), quantization="int8", force=True)


def pictures(root: Path) -> None:
    torch.manual_seed(4)
    vision = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 32, "patch_size": 8}
    transformers.ViTForImageClassification(transformers.ViTConfig(**vision, id2label={0: "cat", 1: "dog", 2: "tea"}, label2id={"cat": 0, "dog": 1, "tea": 2})).save_pretrained(root / "vit")
    transformers.ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(root / "vit")
    words = {name: number for number, name in enumerate(["<|startoftext|>", "<|endoftext|>", *(f"{letter}{end}" for letter in "abcdefghijklmnopqrstuvwxyz" for end in ("", "</w>"))])}
    (root / "clip").mkdir()
    (root / "clip/vocab.json").write_text(json.dumps(words))
    (root / "clip/merges.txt").write_text("#version: 0.2\n")
    tokenizer = transformers.CLIPTokenizer(vocab=str(root / "clip/vocab.json"), merges=str(root / "clip/merges.txt"), vocab_file=str(root / "clip/vocab.json"), merges_file=str(root / "clip/merges.txt"))
    text = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "vocab_size": len(tokenizer), "max_position_embeddings": 32, "eos_token_id": 1, "bos_token_id": 0, "pad_token_id": 1}
    transformers.CLIPModel(transformers.CLIPConfig(text_config=text, vision_config=vision, projection_dim=16)).save_pretrained(root / "clip")
    transformers.CLIPProcessor(transformers.CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}), tokenizer).save_pretrained(root / "clip")
    save_file(timm.create_model("test_vit", num_classes=3).state_dict(), root / "test_vit.safetensors")


def edges(root: Path) -> None:
    weight = onnx.numpy_helper.from_array(np.array([[[[0, 1, 0], [1, -4, 1], [0, 1, 0]]]], "float32"), "w")
    node = onnx.helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1])
    shape = [1, 1, "h", "w"]
    values = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name in "xy"]
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph([node], "edges", values[:1], values[1:], [weight]), ir_version=9, opset_imports=[onnx.helper.make_opsetid("", 17)]), root / "edges.onnx")


def main(target: str) -> None:
    root = Path(target)
    for name in ("whisper", "ct2"):
        (root / name).mkdir(parents=True)
    whisper(root / "whisper")
    faster(root / "whisper", root / "ct2")
    pictures(root)
    edges(root)


main(sys.argv[1])
