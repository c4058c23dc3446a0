import { withMock } from '#lib/mock';
export default async () => withMock(async (baseURL) => {
  const { generateText, streamText, generateObject, tool, stepCountIs, embed } = await import('ai');
  const { createOpenAI } = await import('@ai-sdk/openai');
  const { z } = await import('zod');
  const openai = createOpenAI({ baseURL, apiKey: 'x' });
  const told = await generateText({ model: openai.chat('mock'), prompt: 'weather?', stopWhen: stepCountIs(3), tools: { weather: tool({ description: 'w', inputSchema: z.object({ city: z.string() }), execute: async ({ city }) => `sun in ${city}` }) } });
  let streamed = '';
  for await (const part of streamText({ model: openai.chat('mock'), prompt: 'what?' }).textStream) streamed += part;
  const { object } = await generateObject({ model: openai.chat('mock'), schema: z.object({ city: z.string(), people: z.number() }), prompt: 'a city' });
  const { embedding } = await embed({ model: openai.textEmbeddingModel('mock'), value: 'banana' });
  return { text: told.text, steps: told.steps.length, streamed, object, embedding };
});
