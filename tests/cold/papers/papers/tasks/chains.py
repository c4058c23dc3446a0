"""Other people's frameworks: loaders, splitters, stores, pipelines."""

import tempfile
from pathlib import Path

_TEXT = "# Tea\n\nA cup of tea.\n\n## Milk\n\nA glass of milk. A second glass.\n\n```python\ndef pour():\n    return 1\n```\n"
_HTML = "<html><body><h1>Tea</h1><p>A cup of tea.</p><h2>Milk</h2><p>A glass of milk.</p></body></html>"


def _samples() -> Path:
    from papers.settings import settings

    return settings().samples


def loaders(names: list[str]) -> dict:
    """LangChain's loaders by name: the package imports each when it is asked for."""
    from langchain_community import document_loaders

    arguments = {
        "PyPDFLoader": "tea.pdf",
        "PyMuPDFLoader": "tea.pdf",
        "PDFPlumberLoader": "tea.pdf",
        "PDFMinerLoader": "tea.pdf",
        "Docx2txtLoader": "tea.docx",
        "UnstructuredPowerPointLoader": "tea.pptx",
        "UnstructuredExcelLoader": "tea.xlsx",
        "UnstructuredODTLoader": "tea.odt",
        "UnstructuredMarkdownLoader": "tea.md",
        "CSVLoader": "tea.csv",
        "JSONLoader": "tea.json",
        "BSHTMLLoader": "tea.html",
        "OutlookMessageLoader": "tea.msg",
        "NotebookLoader": "tea.ipynb",
        "TextLoader": "tea.txt",
        "UnstructuredEPubLoader": "tea.epub",
        "SRTLoader": "tea.vtt",
    }
    out = {}
    for name in names:
        try:
            further = {"jq_schema": "."} if name == "JSONLoader" else {}
            found = getattr(document_loaders, name)(str(_samples() / arguments[name]), **further).load()
            out[name] = [len(found), " ".join(found[0].page_content.split())[:30]]
        except Exception as error:
            out[name] = f"{type(error).__name__}: {str(error).splitlines()[0][:100]}"
    return out


def splitters() -> dict:
    import langchain_text_splitters as library

    code = library.RecursiveCharacterTextSplitter.from_language(library.Language.PYTHON, chunk_size=30, chunk_overlap=0)
    out = {
        "markdown": [part.metadata for part in library.MarkdownHeaderTextSplitter([("#", "one"), ("##", "two")]).split_text(_TEXT)],
        "html": [part.page_content for part in library.HTMLHeaderTextSplitter([("h1", "one"), ("h2", "two")]).split_text(_HTML)],
        "code": code.split_text("def a():\n    return 1\n\n\ndef b():\n    return 2\n"),
        "tokens": library.TokenTextSplitter("papers_small", chunk_size=8, chunk_overlap=0).split_text("a cup of tea, a cup of milk"),
        "nltk": library.NLTKTextSplitter(chunk_size=30, chunk_overlap=0).split_text("A cup of tea. A glass of milk. Mr. Jones."),
        "json": len(library.RecursiveJsonSplitter(max_chunk_size=20).split_json({"a": {"b": "tea", "c": "milk"}, "d": "x" * 20})),
    }
    for name, arguments in (("SpacyTextSplitter", {}), ("SentenceTransformersTokenTextSplitter", {}), ("KonlpyTextSplitter", {})):
        try:
            out[name] = getattr(library, name)(**arguments).split_text("tea")
        except Exception as error:
            out[name] = f"{type(error).__name__}: {str(error)[:60]}"
    return out


def stores(names: list[str]) -> dict:
    from langchain_community import vectorstores
    from langchain_core.embeddings import DeterministicFakeEmbedding

    out = {}
    for name in names:
        try:
            store = getattr(vectorstores, name).from_texts(["a cup of tea", "a glass of milk"], DeterministicFakeEmbedding(size=16))
            out[name] = store.similarity_search("a cup of tea", k=1)[0].page_content
        except Exception as error:
            out[name] = f"{type(error).__name__}: {str(error).splitlines()[0][:100]}"
    return out


def chain() -> dict:
    from langchain_core.language_models import FakeListChatModel
    from langchain_core.output_parsers import CommaSeparatedListOutputParser
    from langchain_core.prompts import ChatPromptTemplate, load_prompt
    from langchain_core.runnables import RunnableLambda, RunnableParallel, RunnablePassthrough

    prompt = ChatPromptTemplate.from_messages([("system", "You keep papers."), ("human", "{question}")])
    whole = RunnableParallel(
        answer=prompt | FakeListChatModel(responses=["tea, milk"]) | CommaSeparatedListOutputParser(), asked=RunnablePassthrough()
    ) | RunnableLambda(lambda x: x)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "p.yaml").write_text("_type: prompt\ninput_variables: [a]\ntemplate: 'Say {a}'\n")
        said = load_prompt(Path(folder, "p.yaml")).format(a="tea")
    return {"answer": whole.invoke({"question": "what?"}), "graph": whole.get_graph().draw_mermaid()[:20], "prompt": said}


def llama() -> dict:
    from llama_index.core import Document, Settings, SimpleDirectoryReader, SummaryIndex, VectorStoreIndex
    from llama_index.core.embeddings import MockEmbedding
    from llama_index.core.llms import MockLLM
    from llama_index.core.node_parser import CodeSplitter, HTMLNodeParser, MarkdownNodeParser, SentenceSplitter, SentenceWindowNodeParser

    Settings.llm, Settings.embed_model = MockLLM(), MockEmbedding(embed_dim=8)
    Settings.tokenizer = str.split
    splitter = SentenceSplitter(chunk_size=20, chunk_overlap=0, tokenizer=str.split)
    names = ["tea.pdf", "tea.docx", "tea.pptx", "tea.xlsx", "tea.md", "tea.csv", "tea.epub", "tea.html", "tea.rtf", "tea.txt"]
    documents = SimpleDirectoryReader(input_files=[_samples() / name for name in names]).load_data()
    index = VectorStoreIndex.from_documents([Document(text=_TEXT)], transformations=[splitter])
    with tempfile.TemporaryDirectory() as folder:
        index.storage_context.persist(folder)
        kept = sorted(path.name for path in Path(folder).iterdir())
    try:
        CodeSplitter("python")
        code = "there"
    except ImportError as error:
        code = str(error)[:40]
    return {
        "read": sorted({document.metadata["file_name"] for document in documents}),
        "answer": str(index.as_query_engine().query("tea"))[:30],
        "summary": len(SummaryIndex.from_documents([Document(text=_TEXT)], transformations=[splitter]).as_retriever().retrieve("tea")),
        "nodes": [
            len(parser.get_nodes_from_documents([Document(text=_TEXT if parser is not html else _HTML)]))
            for html in [HTMLNodeParser()]
            for parser in (MarkdownNodeParser(), html, SentenceWindowNodeParser())
        ],
        "kept": kept,
        "code": code,
    }


def haystack() -> dict:
    from haystack import Document, Pipeline
    from haystack.components.builders import PromptBuilder
    from haystack.components.converters import (
        CSVToDocument,
        DOCXToDocument,
        HTMLToDocument,
        MarkdownToDocument,
        PPTXToDocument,
        PyPDFToDocument,
        TextFileToDocument,
        XLSXToDocument,
    )
    from haystack.components.preprocessors import DocumentCleaner, DocumentSplitter
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
    from haystack.components.routers import FileTypeRouter
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    out = {}
    kinds = {
        CSVToDocument: "csv",
        DOCXToDocument: "docx",
        HTMLToDocument: "html",
        MarkdownToDocument: "md",
        PPTXToDocument: "pptx",
        PyPDFToDocument: "pdf",
        TextFileToDocument: "txt",
        XLSXToDocument: "xlsx",
    }
    for kind, ending in kinds.items():
        try:
            out[kind.__name__] = " ".join(kind().run(sources=[_samples() / f"tea.{ending}"])["documents"][0].content.split())[:30]
        except Exception as error:
            out[kind.__name__] = f"{type(error).__name__}: {str(error).splitlines()[0][:80]}"
    store = InMemoryDocumentStore(bm25_algorithm="BM25Plus")
    parts = DocumentSplitter(split_by="word", split_length=6).run(
        DocumentCleaner().run([Document(content="A cup  of tea. A glass of milk. A second glass.")])["documents"]
    )["documents"]
    store.write_documents(parts)
    pipeline = Pipeline()
    pipeline.add_component("found", InMemoryBM25Retriever(store, top_k=1))
    pipeline.add_component("prompt", PromptBuilder("{% for d in documents %}{{ d.content }}{% endfor %}", required_variables=["documents"]))
    pipeline.connect("found.documents", "prompt.documents")
    again = Pipeline.loads(pipeline.dumps())
    routed = FileTypeRouter(mime_types=["application/pdf", "text/.*"]).run(sources=[_samples() / "tea.pdf", _samples() / "tea.txt"])
    return {
        "converted": out,
        "prompt": pipeline.run({"found": {"query": "milk"}})["prompt"]["prompt"].strip(),
        "names": sorted(again.graph.nodes),
        "routed": sorted(routed),
    }
