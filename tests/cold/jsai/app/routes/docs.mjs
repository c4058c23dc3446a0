export default async function docs(app) {
  await app.register(import('@fastify/swagger'), { openapi: { info: { title: 'papers', version: '1' } } });
  await app.register(import('@fastify/swagger-ui'), { routePrefix: '/docs' });
}
