export default async function papers(app) {
  const schema = { body: { type: 'object', required: ['title'], properties: { title: { type: 'string', minLength: 3 }, at: { type: 'string', format: 'date-time' } } }, response: { 200: { type: 'object', properties: { title: { type: 'string' }, shout: { type: 'string' } } } } };
  app.post('/', { schema }, async ({ body }) => ({ title: body.title, shout: body.title.toUpperCase(), hidden: 1 }));
  app.get('/', async () => [{ title: 'one' }]);
}
