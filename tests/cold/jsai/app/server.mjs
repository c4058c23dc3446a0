// The document backend: routes by autoload, jobs and tools by name.
import path from 'node:path';
import { createRequire } from 'node:module';
import fastify from 'fastify';
import autoload from '@fastify/autoload';
import { readSettings } from '#lib/settings';

const require = createRequire(import.meta.url);
const here = import.meta.dirname;
const settings = readSettings();
const app = fastify({ logger: settings.log && { level: settings.log } });

app.get('/health', async () => ({ ok: true }));
app.get('/version', async () => ({ version: require('./package.json').version }));
app.get('/job/:name', async (request, reply) => {
  const { name } = request.params;
  if (!/^[a-z-]+$/.test(name)) return reply.code(400).send({ error: 'no such name' });
  const { default: job } = await import(new URL(`./jobs/${name}.mjs`, import.meta.url));
  return { result: await job(request.query) };
});
app.get('/tool/:name', async (request) => ({ result: await require(path.join(here, 'tools', `${request.params.name}.cjs`))(request.query) }));

process.on('SIGTERM', async () => {
  const { default: bye } = await import('./late/bye.mjs');
  await app.close();
  bye();
});
if (settings.crash) process.on('uncaughtException', (error) => require('./late/crash.cjs')(error));

if (settings.extras) await app.register(autoload, { dir: path.join(here, 'routes'), dirNameRoutePrefix: true, forceESM: true });
await app.listen({ port: settings.port, host: '0.0.0.0' });
