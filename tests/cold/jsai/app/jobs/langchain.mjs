import { withMock } from '#lib/mock';
export default async () => withMock(async (baseURL) => {
  process.env.OPENAI_API_KEY = 'x';
  const { initChatModel } = await import('langchain/chat_models/universal');
  const { MemoryVectorStore } = await import('langchain/vectorstores/memory');
  const { createRetrievalChain } = await import('langchain/chains/retrieval');
  const { createStuffDocumentsChain } = await import('langchain/chains/combine_documents');
  const { ChatPromptTemplate } = await import('@langchain/core/prompts');
  const { OpenAIEmbeddings } = await import('@langchain/openai');
  const { StructuredOutputParser } = await import('@langchain/core/output_parsers');
  const { z } = await import('zod');
  const model = await initChatModel('mock', { modelProvider: 'openai', configuration: { baseURL }, maxRetries: 0 });
  const store = await MemoryVectorStore.fromTexts(['a banana', 'a melon', 'nothing'], [{ n: 1 }, { n: 2 }, { n: 3 }], new OpenAIEmbeddings({ model: 'mock', configuration: { baseURL } }));
  const chain = await createRetrievalChain({ retriever: store.asRetriever(1), combineDocsChain: await createStuffDocumentsChain({ llm: model, prompt: ChatPromptTemplate.fromTemplate('{context} {input}') }) });
  const answer = await chain.invoke({ input: 'a banana' });
  const parser = StructuredOutputParser.fromZodSchema(z.object({ a: z.number() }));
  const missing = await initChatModel('m', { modelProvider: 'mistralai' }).then((made) => made.invoke('x')).then(() => 'there', (error) => error.message.slice(0, 40));
  return { answer: answer.answer, from: answer.context[0].metadata.n, parsed: await parser.parse('```json\n{"a": 3}\n```'), missing };
});
