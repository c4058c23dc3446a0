"""Tokenizers: of transformers, tokenizers, sentencepiece, tiktoken, mistral."""

import shutil

from loom.places import DATA, MODELS, chat, scratch, still

TEXT = "There is tea in the kitchen, two cups."


def kinds():
    """The slow and the fast, by their classes."""
    import transformers

    said = {}
    folder = scratch("pieces")
    for name in ("spiece.model", "spm.model", "tokenizer.model", "sentencepiece.bpe.model"):
        shutil.copy(MODELS / "pieces" / "spiece.model", folder / name)
    vocabulary = str(MODELS / "encoder" / "vocab.txt")
    pieces = str(MODELS / "pieces" / "spiece.model")
    wanted = {
        "BertTokenizer": vocabulary, "BertTokenizerFast": vocabulary, "DistilBertTokenizer": vocabulary, "ElectraTokenizer": vocabulary, "BasicTokenizer": "",
        "T5Tokenizer": pieces, "T5TokenizerFast": pieces, "LlamaTokenizer": pieces, "LlamaTokenizerFast": pieces, "XLMRobertaTokenizer": pieces, "AlbertTokenizer": pieces,
        "PegasusTokenizer": pieces, "BigBirdTokenizer": pieces, "CamembertTokenizer": pieces, "MBartTokenizer": pieces, "XLNetTokenizer": pieces, "GemmaTokenizer": pieces,
        "ByT5Tokenizer": "", "CanineTokenizer": "", "PerceiverTokenizer": "", "BertJapaneseTokenizer": vocabulary, "MarianTokenizer": "", "BertGenerationTokenizer": pieces,
        "SiglipTokenizer": pieces, "SeamlessM4TTokenizer": pieces, "BarthezTokenizer": pieces, "ReformerTokenizer": pieces, "DebertaV2Tokenizer": pieces, "M2M100Tokenizer": "",
    }  # fmt: skip
    for name, place in wanted.items():
        try:
            made = getattr(transformers, name)
            made = made.from_pretrained(folder) if place == pieces else made(place) if place else made()
            ids = made(TEXT)["input_ids"]
            said[name] = [len(ids), made.decode(ids, skip_special_tokens=True)[:40]]
        except Exception as error:
            said[name] = type(error).__name__
    return said


def trained(kind="BPE"):
    """One from nothing, with each part by its name."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

    made = Tokenizer(getattr(models, kind)(**({"unk_token": "[UNK]"} if kind in ("WordPiece", "WordLevel") else {})))
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase(), normalizers.StripAccents()])
    made.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=True)])
    if kind == "Unigram":
        made.pre_tokenizer, made.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    special = ["[UNK]", "[CLS]", "[SEP]"]
    more = {"unk_token": "[UNK]"} if kind == "Unigram" else {}
    made.train(
        [str(DATA / "notes.txt")],
        getattr(trainers, {"BPE": "BpeTrainer"}.get(kind, f"{kind}Trainer"))(vocab_size=120, special_tokens=special, show_progress=False, **more),
    )
    made.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    made.enable_truncation(12)
    place = scratch("tokens") / "tokenizer.json"
    made.save(str(place))
    return Tokenizer.from_file(str(place)).encode("Thère is TEA, 12 cups").tokens


def pieces():
    """sentencepiece's own: samples, n-best, vocabularies, protocol buffers."""
    import io

    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    read = sentencepiece.SentencePieceProcessor(model_file=str(MODELS / "pieces" / "spiece.model"))
    made = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        input=str(DATA / "notes.txt"), model_writer=made, vocab_size=80, model_type="bpe", byte_fallback=False, minloglevel=2
    )
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(made.getvalue())
    return {
        "pieces": read.encode(TEXT, out_type=str)[:6],
        "n": len(read.nbest_encode_as_ids("tea", 3)),
        "size": len(proto.pieces),
        "kind": proto.trainer_spec.model_type,
    }


def ranks():
    """tiktoken with ranks of our own, and one that would have to be fetched; plug-ins by their namespace."""
    import tiktoken

    made = tiktoken.Encoding(
        "bytes", pat_str=r"\w+|\s+|[^\w\s]+", mergeable_ranks={bytes([n]): n for n in range(256)} | {b"te": 256, b"tea": 257}, special_tokens={"<|end|>": 258}
    )
    said = {
        "ids": made.encode("tea 2<|end|>", allowed_special="all"),
        "names": sorted(tiktoken.list_encoding_names())[:3],
        "model": tiktoken.encoding_name_for_model("gpt-4o"),
    }
    try:
        tiktoken.get_encoding("cl100k_base")
    except Exception as error:
        said["fetched"] = type(error).__name__
    return said


def mistral():
    """mistral_common's tokenizers come with data of their own."""
    from mistral_common.protocol.instruct.messages import UserMessage
    from mistral_common.protocol.instruct.request import ChatCompletionRequest
    from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

    said = {}
    for version in ("v1", "v2", "v3", "v7"):
        try:
            made = getattr(MistralTokenizer, version)()
            said[version] = len(made.encode_chat_completion(ChatCompletionRequest(messages=[UserMessage(content="Tea?")])).tokens)
        except Exception as error:
            said[version] = type(error).__name__
    return said


def converted():
    """The slow ones turned fast, tiktoken's files turned, a vocabulary of a GGUF file."""
    import base64

    from transformers.convert_slow_tokenizer import TikTokenConverter

    place = scratch("ranks") / "tokenizer.model"
    place.write_bytes(b"".join(base64.b64encode(bytes([n])) + b" " + str(n).encode() + b"\n" for n in range(256)))
    made = TikTokenConverter(vocab_file=str(place), pattern=r"\w+|\s+|[^\w\s]+").converted()
    return {"tiktoken": made.encode("tea 2").ids}


def templates():
    """Chat templates: tools, generation prompts, errors, several of them."""
    _, tokenizer = chat()
    talk = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Tea?"}]

    def kettle(cups: int) -> str:
        """
        Boil water.

        Args:
            cups: How many cups.
        """

    tokenizer.chat_template = {"default": tokenizer.chat_template, "tool_use": "{{ tools | tojson }}{{ strftime_now('%Y')[:2] }}{{ messages[0].content }}"}
    said = {
        "plain": tokenizer.apply_chat_template(talk, tokenize=False, add_generation_prompt=True),
        "tools": tokenizer.apply_chat_template(talk, tools=[kettle], tokenize=False),
    }
    try:
        tokenizer.apply_chat_template(talk, chat_template="{{ raise_exception('no tea') }}", tokenize=False)
    except Exception as error:
        said["error"] = f"{type(error).__name__}: {error}"
    folder = scratch("templates")
    tokenizer.save_pretrained(folder)
    return {**said, "files": sorted(path.name for path in folder.rglob("*") if path.is_file())}


def grown():
    """New tokens, a larger embedding, a tokenizer trained anew from an old one."""
    still()
    model, tokenizer = chat()
    added = tokenizer.add_tokens(["<tea>", "<milk>"])
    model.resize_token_embeddings(len(tokenizer), mean_resizing=True)
    again = tokenizer.train_new_from_iterator(iter(["tea and more tea"] * 4), 270)
    return {"added": added, "size": model.get_input_embeddings().weight.shape[0], "again": len(again)}
