import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';
const server = new McpServer({ name: 'words', version: '1.0.0' });
server.registerTool('count', { description: 'counts words', inputSchema: { text: z.string() } }, async ({ text }) => ({ content: [{ type: 'text', text: String(text.split(/\s+/).length) }] }));
server.registerResource('motto', 'motto://words', { title: 'motto' }, async (uri) => ({ contents: [{ uri: uri.href, text: 'few words' }] }));
await server.connect(new StdioServerTransport());
