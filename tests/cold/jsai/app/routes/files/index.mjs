import { file } from '#lib/here';
export default async function files(app) {
  await app.register(import('@fastify/multipart'));
  await app.register(import('@fastify/compress'), { threshold: 10 });
  await app.register(import('@fastify/static'), { root: file('public'), prefix: '/static/' });
  app.post('/', async (request) => { const part = await request.file(); return { name: part.filename, size: (await part.toBuffer()).length }; });
}
