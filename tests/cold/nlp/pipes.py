"""spaCy's parts: training, matchers, registries, serialisation, drawing, processes."""
import json, pathlib, sys, tempfile, warnings

warnings.simplefilter("ignore")
import spacy
from spacy import displacy
from spacy.matcher import DependencyMatcher, Matcher, PhraseMatcher
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example


def main():
    nlp = spacy.blank("de")
    for name in ("tok2vec", "tagger", "morphologizer", "parser", "ner", "textcat_multilabel", "senter", "trainable_lemmatizer", "spancat", "entity_linker"):
        try:
            pipe = nlp.add_pipe(name, config={"min_action_freq": 1} if name == "parser" else {})
            if name == "textcat_multilabel":
                pipe.add_label("good"), pipe.add_label("bad")
        except Exception as error:
            print(name, type(error).__name__, str(error)[:80])
    nlp.remove_pipe("entity_linker")
    nlp.remove_pipe("textcat_multilabel")
    nlp.add_pipe("textcat")
    words = ["Anna", "trinkt", "Tee", "in", "Oslo", "."]
    gold = Doc(nlp.vocab, words=words, tags=["NE", "VV", "NN", "AP", "NE", "$."], pos=["PROPN", "VERB", "NOUN", "ADP", "PROPN", "PUNCT"], morphs=["Case=Nom"] * 6, lemmas=[w.lower() for w in words], heads=[1, 1, 1, 1, 3, 1], deps=["nsubj", "ROOT", "obj", "prep", "pobj", "punct"], ents=["B-PER", "O", "O", "O", "B-LOC", "O"], sent_starts=[1, 0, 0, 0, 0, 0])
    gold.cats = {"good": 1.0, "bad": 0.0}
    gold.spans["sc"] = [Span(gold, 0, 1, "PER")]
    examples = [Example(Doc(nlp.vocab, words=words), gold)] * 4
    optimizer = nlp.initialize(lambda: examples)
    print(sorted(nlp.update(examples, sgd=optimizer)))
    with tempfile.TemporaryDirectory() as place:
        nlp.to_disk(place)
        again = spacy.load(place)
        print(again.pipe_names, len(again("Anna trinkt Tee.")), sorted(p.name for p in pathlib.Path(place).iterdir()))
        print(sorted(nlp.evaluate(examples))[:4])
    print(len(spacy.blank("de").from_bytes(spacy.blank("de").to_bytes()).vocab) >= 0, len(DocBin(store_user_data=True, docs=[gold]).to_bytes()) > 50)
    matcher = Matcher(nlp.vocab)
    matcher.add("A", [[{"LOWER": {"REGEX": "te+"}}, {"IS_PUNCT": False, "OP": "?"}], [{"LOWER": {"FUZZY": "olso"}}]])
    print(len(matcher(gold)))
    phrase = PhraseMatcher(nlp.vocab, attr="LOWER")
    phrase.add("B", [nlp.make_doc("tee")])
    print(len(phrase(gold)))
    tree = DependencyMatcher(nlp.vocab)
    tree.add("C", [[{"RIGHT_ID": "v", "RIGHT_ATTRS": {"POS": "VERB"}}, {"LEFT_ID": "v", "REL_OP": ">", "RIGHT_ID": "o", "RIGHT_ATTRS": {"DEP": "obj"}}]])
    print(len(tree(gold)))
    print("<mark" in displacy.render(gold, style="ent", page=True), "<svg" in displacy.render(gold, style="dep"), "<span" in displacy.render(gold, style="span"))
    print(json.dumps(gold.to_json())[:40], gold.to_array(["POS"]).shape, [chunk.text for chunk in gold.noun_chunks])
    nlp = spacy.blank("fr")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("span_ruler").add_patterns([{"label": "X", "pattern": "thé"}])
    nlp.add_pipe("attribute_ruler"), nlp.add_pipe("merge_entities"), nlp.add_pipe("token_splitter"), nlp.add_pipe("doc_cleaner")
    print([len(doc) for doc in nlp.pipe(["Du thé. Merci."] * 4, n_process=2, batch_size=2)])
    for name in ("architectures", "optimizers", "schedules", "layers", "losses", "initializers", "loggers", "batchers", "readers", "callbacks", "misc", "augmenters", "scorers", "factories", "languages", "tokenizers", "lemmatizers", "lookups", "displacy_colors", "models", "cli"):
        try:
            print(name, sorted(getattr(spacy.registry, name).get_all())[:50])
        except Exception as error:
            print(name, type(error).__name__, str(error)[:100])
    print(spacy.registry.resolve({"o": {"@optimizers": "RAdam.v1", "learn_rate": {"@schedules": "warmup_linear.v1", "warmup_steps": 2, "total_steps": 5, "initial_rate": 0.1}}})["o"].__class__.__name__)
    from thinc.api import Config, Linear, Relu, Softmax, chain, get_current_ops, prefer_gpu, with_array
    model = chain(Relu(4, 4, dropout=0.1), Softmax(2, 4))
    import numpy
    model.initialize(X=numpy.ones((2, 4), "f"))
    print(model.predict(numpy.ones((2, 4), "f")).shape, prefer_gpu(), get_current_ops().name, Config().from_str("[a]\nb = 1")["a"])
    for name in ("en_core_web_sm", "/nowhere"):
        try:
            spacy.load(name)
        except OSError as error:
            print(str(error)[:60])
    try:
        spacy.blank("de").add_pipe("nothing")
    except ValueError as error:
        print(str(error)[:60])
    print(spacy.explain("NNP"), spacy.info(silent=True).get("pipelines"), spacy.util.get_package_version("spacy") == spacy.__version__ if hasattr(spacy.util, "get_package_version") else True)


if __name__ == "__main__":
    main()
