import http from 'node:http';
import { randomUUID } from 'node:crypto';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { file } from '#lib/here';
async function overHttp() {
  const { StreamableHTTPServerTransport } = await import('@modelcontextprotocol/sdk/server/streamableHttp.js');
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  const { McpServer } = await import('@modelcontextprotocol/sdk/server/mcp.js');
  const server = new McpServer({ name: 'http', version: '1.0.0' });
  server.registerTool('ping', { description: 'answers' }, async () => ({ content: [{ type: 'text', text: 'pong' }] }));
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID });
  await server.connect(transport);
  const listener = http.createServer((request, response) => transport.handleRequest(request, response));
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const client = new Client({ name: 'job', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${listener.address().port}/mcp`)));
  const { content } = await client.callTool({ name: 'ping', arguments: {} });
  await client.close();
  listener.closeAllConnections();
  listener.close();
  return content[0].text;
}
export default async function mcp() {
  const client = new Client({ name: 'job', version: '1.0.0' });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [file('mcp/server.mjs')], stderr: 'inherit' }));
  const { tools } = await client.listTools();
  const { content } = await client.callTool({ name: 'count', arguments: { text: 'one two three' } });
  const { contents } = await client.readResource({ uri: 'motto://words' });
  const wrong = await client.callTool({ name: 'count', arguments: {} }).then((answer) => (answer.isError ? 'refused' : 'taken'), () => 'refused');
  await client.close();
  return { tools: tools.map((tool) => tool.name), count: content[0].text, motto: contents[0].text, wrong, http: await overHttp() };
}
