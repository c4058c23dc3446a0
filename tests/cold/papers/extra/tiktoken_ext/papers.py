"""An encoding of tiktoken's of our own: tiktoken looks for modules below `tiktoken_ext` when a name is asked for."""

from importlib.resources import files

from tiktoken.load import load_tiktoken_bpe


def papers_small() -> dict:
    ranks = load_tiktoken_bpe(str(files("papers_extra").joinpath("words.tiktoken")))
    return {
        "name": "papers_small",
        "pat_str": r"""'(?i:[sdmt]|ll|ve|re)|\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+|\s+""",
        "mergeable_ranks": ranks,
        "special_tokens": {"<|end|>": len(ranks)},
    }


ENCODING_CONSTRUCTORS = {"papers_small": papers_small}
