"""langchain-core and langgraph beyond the service: messages, prompts, serialisation, checkpoints."""
import json, warnings
warnings.simplefilter("ignore")


def attempt(name, action):
    try:
        print(name, action())
    except Exception as error:
        print(name, type(error).__name__, str(error)[:200])


def serialised():
    from langchain_core.load import dumps, loads
    from langchain_core.prompts import ChatPromptTemplate

    prompt = ChatPromptTemplate.from_messages([("system", "be {mood}"), ("human", "{text}")])
    return loads(dumps(prompt)).invoke({"mood": "kind", "text": "hi"}).to_string()


def parsed():
    from langchain_core.output_parsers import JsonOutputParser, XMLOutputParser, CommaSeparatedListOutputParser

    return JsonOutputParser().parse('{"a": 1}'), XMLOutputParser(parser="xml").parse("<a><b>1</b></a>"), CommaSeparatedListOutputParser().parse("a, b")


def checkpointed():
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.graph import MessagesState, StateGraph
    from langchain_core.messages import AIMessage

    graph = StateGraph(MessagesState)
    graph.add_node("answer", lambda state: {"messages": [AIMessage("hello")]})
    graph.set_entry_point("answer")
    graph.set_finish_point("answer")
    compiled = graph.compile(checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": "1"}}
    compiled.invoke({"messages": [("user", "hi")]}, config)
    return len(compiled.get_state(config).values["messages"]), compiled.get_graph().draw_mermaid()[:10]


def tools():
    from langchain_core.tools import tool
    from langchain_core.utils.function_calling import convert_to_openai_tool

    @tool
    def add(a: int, b: int) -> int:
        """Add."""
        return a + b

    return add.invoke({"a": 1, "b": 2}), sorted(convert_to_openai_tool(add)["function"]["parameters"]["properties"])


def fake():
    from langchain_core.language_models import FakeListChatModel

    return (FakeListChatModel(responses=["yes"]) | (lambda message: message.content.upper())).invoke("x")


def vectors():
    from langchain_core.embeddings import DeterministicFakeEmbedding
    from langchain_core.vectorstores import InMemoryVectorStore

    store = InMemoryVectorStore(DeterministicFakeEmbedding(size=8))
    store.add_texts(["a", "b"])
    return len(store.similarity_search("a", k=1))


def http():
    import httpx

    transport = httpx.MockTransport(lambda request: httpx.Response(200, content="grüße".encode("latin-1"), headers={"content-type": "text/plain; charset=latin-1"}))
    return httpx.Client(transport=transport).get("https://bücher.example/x").text, str(httpx.URL("https://bücher.example").raw_host)


attempt("serialised", serialised)
attempt("parsed", parsed)
attempt("checkpointed", checkpointed)
attempt("tools", tools)
attempt("fake model", fake)
attempt("vectors", vectors)
attempt("http", http)
