"""The graph: plan, act, finish."""

from typing import TypedDict

from langgraph.graph import END, START, StateGraph


class State(TypedDict, total=False):
    question: str
    tool: str
    arguments: dict
    result: str
    steps: list[str]


def build(call):
    def plan(state: State) -> State:
        return {"steps": [*state["steps"], f"use {state['tool']}"]}

    def act(state: State) -> State:
        return {"result": str(call(state["tool"], state["arguments"])), "steps": [*state["steps"], "acted"]}

    graph = StateGraph(State)
    graph.add_node("plan", plan)
    graph.add_node("act", act)
    graph.add_edge(START, "plan")
    graph.add_edge("plan", "act")
    graph.add_edge("act", END)
    return graph.compile()
