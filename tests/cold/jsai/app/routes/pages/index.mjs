import { createRequire } from 'node:module';
import { file } from '#lib/here';
const require = createRequire(import.meta.url);
export default async function pages(app) {
  await app.register(import('@fastify/view'), { engine: { ejs: require('ejs') }, root: file('views/ejs') });
  await app.register(import('@fastify/websocket'));
  app.get('/', (request, reply) => reply.view('page.ejs', { title: 'a page', items: [1] }));
  app.get('/echo', { websocket: true }, (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)));
}
