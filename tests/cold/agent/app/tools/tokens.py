"""How many tokens a text has."""


def run(text: str) -> str:
    from transformers import AutoTokenizer

    return str(len(AutoTokenizer.from_pretrained("/opt/models/tiny-chat")(text)["input_ids"]))
