"""Words, sentences, tokens, languages."""

_ENGLISH = "Dr. Smith drinks tea at 4 p.m. every day. Mr. Jones does not. The cups are running dry, aren't they?"


def sentences(language: str = "english") -> dict:
    import nltk

    return {"sentences": nltk.sent_tokenize(_ENGLISH, language), "words": nltk.word_tokenize("The cups aren't dry.", language)}


def stems(text: str = "running cups quickly trinken Tassen") -> dict:
    from nltk.corpus import stopwords
    from nltk.stem import PorterStemmer, SnowballStemmer
    from nltk.stem.cistem import Cistem

    words = text.split()
    return {
        "porter": [PorterStemmer().stem(word) for word in words],
        "snowball": {language: [SnowballStemmer(language).stem(word) for word in words] for language in ("english", "german", "russian")},
        "cistem": [Cistem().stem(word) for word in words],
        "stop": sorted(stopwords.words("german"))[:3],
    }


def missing() -> dict:
    import nltk

    return {"tags": nltk.pos_tag(["tea"])}


def frequent() -> dict:
    from nltk import FreqDist, bigrams
    from nltk.chunk import RegexpParser
    from nltk.collocations import BigramCollocationFinder
    from nltk.metrics import BigramAssocMeasures, edit_distance
    from nltk.translate.bleu_score import sentence_bleu

    words = _ENGLISH.lower().split()
    tree = RegexpParser("NP: {<DT>?<NN>}").parse([("the", "DT"), ("tea", "NN")])
    return {
        "common": FreqDist(words).most_common(2),
        "bigrams": len(list(bigrams(words))),
        "best": BigramCollocationFinder.from_words(words).nbest(BigramAssocMeasures.pmi, 2),
        "tree": tree.pformat(),
        "distance": edit_distance("tea", "tee"),
        "bleu": round(sentence_bleu([words], words), 2),
    }


def tokens(encoding: str = "papers_small", text: str = "a cup of tea, a cup of milk") -> dict:
    import tiktoken

    coder = tiktoken.get_encoding(encoding)
    ids = coder.encode(text)
    return {"ids": ids, "text": coder.decode(ids), "names": "papers_small" in tiktoken.list_encoding_names()}


def vocabulary() -> dict:
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

    from papers.settings import settings

    kept = Tokenizer.from_file(str(settings().models / "tokenizer.json")).encode("a cup of tea").tokens
    out = {}
    for kind, trainer in (("WordPiece", trainers.WordPieceTrainer), ("Unigram", trainers.UnigramTrainer), ("BPE", trainers.BpeTrainer)):
        tokenizer = Tokenizer(getattr(models, kind)() if kind == "Unigram" else getattr(models, kind)(unk_token="<unk>"))
        tokenizer.normalizer = normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()])
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        tokenizer.train_from_iterator([_ENGLISH] * 3, trainer(vocab_size=80, special_tokens=["<unk>"], show_progress=False))
        tokenizer.decoder = decoders.WordPiece()
        tokenizer.post_processor = processors.TemplateProcessing("<unk> $A", special_tokens=[("<unk>", 0)])
        out[kind] = len(tokenizer.encode("Téa cup").ids) > 1
    return {"kept": kept, "made": out}


def languages() -> dict:
    import langdetect
    import py3langid

    langdetect.DetectorFactory.seed = 0
    texts = [
        "This is a cup of tea for the whole family.",
        "Dies ist eine Tasse Tee für die ganze Familie.",
        "Ceci est une tasse de thé pour toute la famille.",
        "これは家族みんなのためのお茶です。",
    ]
    return {"langdetect": [langdetect.detect(text) for text in texts], "langid": [py3langid.classify(text)[0] for text in texts]}


def chinese() -> dict:
    import jieba
    import jieba.analyse
    import jieba.posseg

    text = "我来到北京清华大学喝茶"
    return {
        "words": jieba.lcut(text),
        "search": jieba.lcut_for_search(text),
        "tags": [str(pair) for pair in jieba.posseg.cut(text)],
        "keys": jieba.analyse.extract_tags(text, topK=2),
    }


def hyphens() -> dict:
    import pyphen

    return {language: pyphen.Pyphen(lang=language).inserted("Dokumentenverwaltung") for language in ("de_DE", "en_GB", "hu_HU")}


def grammar(language: str = "de") -> dict:
    import spacy

    pipeline = spacy.blank(language)
    pipeline.add_pipe("sentencizer")
    document = pipeline("Das ist z.B. eine Tasse Tee. Und noch eine?" if language == "de" else _ENGLISH)
    return {
        "tokens": [token.text for token in document][:8],
        "sentences": len(list(document.sents)),
        "stop": sum(token.is_stop for token in document),
        "like": [token.like_num for token in document][:3],
    }


def model(name: str = "en_core_web_sm") -> dict:
    import spacy

    return {"pipes": spacy.load(name).pipe_names}
