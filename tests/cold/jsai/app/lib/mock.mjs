// A model server inside: what the clients are pointed at when no real one is configured.
import http from 'node:http';

const words = ['The ', 'answer ', 'is ', '42.'];
const base = { id: 'chatcmpl-1', created: 1, model: 'mock' };

function completion(asked) {
  if (asked.tools?.length && !asked.messages.some((message) => message.role === 'tool')) {
    const call = { id: 'call_1', type: 'function', function: { name: asked.tools[0].function.name, arguments: '{"city":"Ulm"}' } };
    return { ...base, object: 'chat.completion', choices: [{ index: 0, finish_reason: 'tool_calls', message: { role: 'assistant', content: null, tool_calls: [call] } }], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } };
  }
  const content = asked.response_format?.type?.startsWith('json') ? '{"city":"Ulm","people":126000}' : words.join('');
  return { ...base, object: 'chat.completion', choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }], usage: { prompt_tokens: 1, completion_tokens: 4, total_tokens: 5 } };
}

export async function withMock(work) {
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const json = (value, status = 200) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (request.url.endsWith('/models')) return json({ object: 'list', data: [{ id: 'mock', object: 'model', created: 1, owned_by: 'us' }] });
    if (request.url.endsWith('/files')) return json({ id: 'file-1', object: 'file', bytes: text.length, filename: 'a.jsonl', purpose: 'batch', created_at: 1, status: 'processed' });
    if (request.url.endsWith('/messages')) return json({ id: 'msg_1', type: 'message', role: 'assistant', model: 'mock', content: [{ type: 'text', text: words.join('') }], stop_reason: 'end_turn', usage: { input_tokens: 1, output_tokens: 1 } });
    const asked = JSON.parse(text || '{}');
    if (request.url.endsWith('/embeddings')) {
      const inputs = [asked.input].flat();
      const vector = (one) => [String(one).length, (String(one).match(/a/g) ?? []).length, 1];
      const encode = (values) => (asked.encoding_format === 'base64' ? Buffer.from(new Float32Array(values).buffer).toString('base64') : values);
      return json({ object: 'list', model: 'mock', data: inputs.map((one, index) => ({ object: 'embedding', index, embedding: encode(vector(one)) })), usage: { prompt_tokens: 1, total_tokens: 1 } });
    }
    if (asked.model === 'broken') return json({ error: { message: 'no such model', type: 'invalid_request_error', code: 'model_not_found' } }, 404);
    if (!asked.stream) return json(completion(asked));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const word of words) response.write(`data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: word }, finish_reason: null }] })}\n\n`);
    response.write(`data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\n`);
    response.end('data: [DONE]\n\n');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await work(`http://127.0.0.1:${server.address().port}/v1`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
