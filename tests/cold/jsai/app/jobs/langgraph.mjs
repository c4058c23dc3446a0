import { withMock } from '#lib/mock';
export default async () => withMock(async (baseURL) => {
  const { createReactAgent } = await import('@langchain/langgraph/prebuilt');
  const { MemorySaver, StateGraph, Annotation, START, END } = await import('@langchain/langgraph');
  const { ChatOpenAI } = await import('@langchain/openai');
  const { tool } = await import('@langchain/core/tools');
  const { load } = await import('@langchain/core/load');
  const { PromptTemplate } = await import('@langchain/core/prompts');
  const { z } = await import('zod');
  const weather = tool(async ({ city }) => `sun in ${city}`, { name: 'weather', description: 'the weather', schema: z.object({ city: z.string() }) });
  const agent = createReactAgent({ llm: new ChatOpenAI({ model: 'mock', apiKey: 'x', configuration: { baseURL }, maxRetries: 0 }), tools: [weather], checkpointer: new MemorySaver() });
  const done = await agent.invoke({ messages: [{ role: 'user', content: 'weather?' }] }, { configurable: { thread_id: '1' } });
  const graph = new StateGraph(Annotation.Root({ n: Annotation() })).addNode('more', async ({ n }) => ({ n: n + 1 })).addEdge(START, 'more').addEdge('more', END).compile();
  const again = await load(JSON.stringify(PromptTemplate.fromTemplate('say {x}')));
  return { messages: done.messages.map((message) => message.content), n: (await graph.invoke({ n: 1 })).n, prompt: await again.format({ x: 'y' }) };
});
