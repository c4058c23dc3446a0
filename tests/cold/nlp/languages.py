"""spaCy in every language that needs no other library, and the errors of those that do."""
import pkgutil, sys

import spacy
import spacy.lang

for found in sorted(module.name for module in pkgutil.iter_modules(spacy.lang.__path__)):
    if found in ("lex_attrs", "norm_exceptions", "punctuation", "tokenizer_exceptions", "char_classes"):
        continue
    try:
        nlp = spacy.blank(found)
    except BaseException as error:
        print(found, type(error).__name__, str(error).splitlines()[0][:80])
        continue
    doc = nlp("It's 3 o'clock, Mr. Gray. Ça va? Grüße aus Köln! Привет, мир. 世界 こんにちは สวัสดี שלום 10km https://a.example/x?y=1 :-)")
    print(found, len(doc), sum(token.is_stop for token in doc), sum(token.like_num for token in doc), sum(token.like_url for token in doc), sorted(nlp.Defaults.stop_words)[:1], nlp.vocab.writing_system.get("direction"))
    try:
        nlp.add_pipe("lemmatizer").initialize()
    except Exception as error:
        print(found, "lemmatizer:", type(error).__name__, str(error)[:60])
