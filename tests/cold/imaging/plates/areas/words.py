"""Words of reports: gensim's models, corpora, formats and scripts."""

import os
import subprocess
import sys

_REPORTS = [
    line.split()
    for line in (
        "no acute fracture seen",
        "small nodule in left lung",
        "lung nodule unchanged",
        "fracture of left wrist",
        "no nodule seen in lung",
        "wrist fracture healed",
        "liver lesion small",
        "lesion in liver unchanged",
    )
]


def vectors() -> object:
    from gensim.models import Doc2Vec, FastText, KeyedVectors, Word2Vec
    from gensim.models.doc2vec import TaggedDocument

    out = []
    for sg, hs in ((0, 0), (1, 0), (0, 1)):
        out.append(len(Word2Vec(_REPORTS, vector_size=8, min_count=1, workers=1, sg=sg, hs=hs, seed=1).wv))
    model = Word2Vec(_REPORTS, vector_size=8, min_count=1, workers=1, seed=1)
    model.save("a.model")
    model.wv.save_word2vec_format("a.txt")
    model.wv.save_word2vec_format("a.bin", binary=True)
    out += [
        len(Word2Vec.load("a.model").wv),
        len(KeyedVectors.load_word2vec_format("a.bin", binary=True)),
        model.wv.most_similar("lung", topn=1)[0][0] in model.wv,
    ]
    fast = FastText(_REPORTS, vector_size=8, min_count=1, workers=1, seed=1)
    out += [
        fast.wv["lungs"].shape,
        Doc2Vec([TaggedDocument(words, [n]) for n, words in enumerate(_REPORTS)], vector_size=8, min_count=1, workers=1).infer_vector(["lung"]).shape,
    ]
    fast.save("f.model")
    out.append(len(FastText.load("f.model").wv))
    try:
        out.append(round(model.wv.wmdistance(["lung"], ["liver"]), 1) >= 0)
    except ImportError as error:
        out.append(type(error).__name__)
    return out


def topics() -> object:
    from gensim.corpora import Dictionary
    from gensim.models import (
        CoherenceModel,
        EnsembleLda,
        HdpModel,
        LdaModel,
        LdaMulticore,
        LdaSeqModel,
        LogEntropyModel,
        LsiModel,
        Nmf,
        OkapiBM25Model,
        RpModel,
        TfidfModel,
    )

    names = Dictionary(_REPORTS)
    rows = [names.doc2bow(words) for words in _REPORTS]
    out = []
    for kind, more in (
        (LdaModel, {"num_topics": 2, "random_state": 1}),
        (LsiModel, {"num_topics": 2}),
        (HdpModel, {"random_state": 1}),
        (Nmf, {"num_topics": 2, "random_state": 1}),
        (LdaMulticore, {"num_topics": 2, "workers": 1, "random_state": 1}),
        (RpModel, {"num_topics": 2}),
    ):
        model = kind(rows, id2word=names, **more)
        out.append((kind.__name__, len(list(model[rows]))))
    out += [(kind.__name__, len(kind(rows)[rows[0]])) for kind in (TfidfModel, LogEntropyModel)]
    out.append(len(OkapiBM25Model(dictionary=names)[rows[0]]))
    model = LdaModel(rows, id2word=names, num_topics=2, random_state=1)
    model.save("lda")
    out += [
        LdaModel.load("lda").num_topics,
        [CoherenceModel(model, texts=_REPORTS, dictionary=names, coherence=kind, processes=1).get_coherence() < 2 for kind in ("u_mass", "c_v", "c_npmi")],
    ]
    out += [EnsembleLda.__name__, LdaSeqModel.__name__]
    return out


def corpora() -> object:
    from gensim import corpora, similarities
    from gensim.corpora import Dictionary

    names = Dictionary(_REPORTS)
    rows = [names.doc2bow(words) for words in _REPORTS]
    out = []
    for kind in ("MmCorpus", "BleiCorpus", "SvmLightCorpus", "LowCorpus", "UciCorpus", "MalletCorpus"):
        made = getattr(corpora, kind)
        more = {"id2word": names} if kind in ("BleiCorpus", "LowCorpus", "UciCorpus", "MalletCorpus") else {}
        made.serialize(kind, rows, **more)
        out.append((kind, len(list(made(kind)))))
    names.save_as_text("names.txt")
    out.append(len(Dictionary.load_from_text("names.txt")))
    index = similarities.Similarity("shard", rows, num_features=len(names))
    out += [
        len(index[rows[0]]),
        similarities.MatrixSimilarity(rows)[rows[0]].shape,
        similarities.SparseMatrixSimilarity(rows, num_features=len(names))[rows[0]].shape,
    ]
    for name in ("annoy", "nmslib"):
        try:
            __import__(f"gensim.similarities.{name}", fromlist=["x"])
            out.append((name, "there"))
        except Exception as error:
            out.append((name, type(error).__name__))
    return out


def prepared() -> object:
    from gensim.models.phrases import ENGLISH_CONNECTOR_WORDS, Phrases
    from gensim.parsing.porter import PorterStemmer
    from gensim.parsing.preprocessing import preprocess_string, remove_stopwords
    from gensim.utils import simple_preprocess, tokenize

    return (
        preprocess_string("Nodules are seen"),
        remove_stopwords("it is tea"),
        Phrases(_REPORTS, min_count=1, threshold=1)[_REPORTS[1]],
        len(ENGLISH_CONNECTOR_WORDS) > 10,
        simple_preprocess("Ein Bild"),
        list(tokenize("a b")),
        PorterStemmer().stem("nodules"),
    )


def own_examples() -> object:
    from gensim.test.utils import common_corpus, common_texts, datapath, get_tmpfile

    return len(common_texts), len(common_corpus), os.path.basename(datapath("x.txt")), os.path.basename(get_tmpfile("t"))


def scripts() -> object:
    with open("t.txt", "w", encoding="ascii") as file:
        file.write("\n".join(" ".join(words) for words in _REPORTS))
    out = []
    for words in (
        ["word2vec_standalone", "-train", "t.txt", "-output", "v.txt", "-size", "8", "-min_count", "1", "-threads", "1"],
        ["word2vec2tensor", "-i", "v.txt", "-o", "t"],
        ["glove2word2vec", "--help"],
        ["segment_wiki", "--help"],
        ["make_wiki", "x"],
        ["package_info", "--info"],
    ):
        done = subprocess.run([sys.executable, "-m", "gensim.scripts." + words[0], *words[1:]], capture_output=True, text=True, check=False)
        out.append((words[0], done.returncode))
    return out, sorted(file for file in os.listdir(".") if file.startswith("t_"))


def far_away() -> object:
    import gensim.downloader

    try:
        gensim.downloader.info(name_only=True)
    except OSError as error:
        return isinstance(error, OSError)
    except ValueError as error:
        return isinstance(error, ValueError)
    return True
