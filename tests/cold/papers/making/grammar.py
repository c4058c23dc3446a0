"""A small pipeline of spaCy under the name that libraries ask for: trained for a moment, packaged as such models are. grammar.py FOLDER"""

import sys
import tempfile
from pathlib import Path

import spacy
from spacy.cli.package import package
from spacy.training import Example
from spacy.util import fix_random_seed

fix_random_seed(3)
pipeline = spacy.blank(
    "en",
    meta={
        "name": "core_web_sm",
        "version": "3.8.0",
        "license": "MIT",
        "description": "tea",
        "author": "papers",
        "url": "https://example.org",
        "email": "a@example.org",
    },
)
small = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "pretrained_vectors": None,
    "width": 16,
    "depth": 1,
    "embed_size": 200,
    "window_size": 1,
    "maxout_pieces": 2,
    "subword_features": True,
}
pipeline.add_pipe("tagger", config={"model": {"tok2vec": small}})
pipeline.add_pipe("sentencizer")
given = [
    ("A cup of tea is hot .", ["DT", "NN", "IN", "NN", "VBZ", "JJ", "."]),
    ("The cat drinks milk .", ["DT", "NN", "VBZ", "NN", "."]),
]
examples = [Example.from_dict(pipeline.make_doc(text), {"tags": tags}) for text, tags in given]
optimizer = pipeline.initialize(lambda: examples)
for _ in range(40):
    pipeline.update(examples, sgd=optimizer)
with tempfile.TemporaryDirectory() as folder:
    pipeline.to_disk(folder)
    package(Path(folder), Path(sys.argv[1]), create_sdist=False, create_wheel=False)
