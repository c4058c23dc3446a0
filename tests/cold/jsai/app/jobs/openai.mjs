import { withMock } from '#lib/mock';
export default async () => withMock(async (baseURL) => {
  const { default: OpenAI, toFile } = await import('openai');
  const { zodResponseFormat, zodFunction } = await import('openai/helpers/zod');
  const { z } = await import('zod');
  const client = new OpenAI({ apiKey: 'x', baseURL, maxRetries: 0 });
  const messages = [{ role: 'user', content: 'what?' }];
  let streamed = '';
  for await (const chunk of await client.chat.completions.create({ model: 'mock', messages, stream: true })) streamed += chunk.choices[0].delta.content ?? '';
  const city = z.object({ city: z.string(), people: z.number() });
  const parsed = await client.chat.completions.parse({ model: 'mock', messages, response_format: zodResponseFormat(city, 'city') });
  const runner = client.chat.completions.runTools({ model: 'mock', messages, tools: [zodFunction({ name: 'weather', parameters: z.object({ city: z.string() }), function: ({ city: place }) => `sun in ${place}` })] });
  const uploaded = await client.files.create({ file: await toFile(Buffer.from('{}'), 'a.jsonl'), purpose: 'batch' });
  const embedded = await client.embeddings.create({ model: 'mock', input: ['banana'] });
  const failed = await client.chat.completions.create({ model: 'broken', messages }).catch((error) => `${error.constructor.name} ${error.code}`);
  return { streamed, parsed: parsed.choices[0].message.parsed, tools: await runner.finalContent(), uploaded: uploaded.id, embedded: embedded.data[0].embedding, failed };
});
