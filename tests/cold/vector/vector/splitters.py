"""How a text is cut into parts."""


def split(text: str, by: str = "lines", size: int = 200) -> list[str]:
    if by == "lines":
        return [line for line in text.splitlines() if line.strip()] or [text]
    if by == "characters":
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        return RecursiveCharacterTextSplitter(chunk_size=size, chunk_overlap=0).split_text(text)
    if by == "headings":
        from langchain_text_splitters import MarkdownHeaderTextSplitter

        return [part.page_content for part in MarkdownHeaderTextSplitter([("#", "one"), ("##", "two")]).split_text(text)]
    if by == "python":
        from langchain_text_splitters import Language, RecursiveCharacterTextSplitter

        return RecursiveCharacterTextSplitter.from_language(Language.PYTHON, chunk_size=size, chunk_overlap=0).split_text(text)
    if by == "sentences":
        from llama_index.core.node_parser import SentenceSplitter

        return SentenceSplitter(chunk_size=size, chunk_overlap=0, tokenizer=str.split).split_text(text)
    raise LookupError(by)
