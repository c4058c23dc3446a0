export default async function graphql() {
  const { createYoga, createSchema } = await import('graphql-yoga');
  const schema = createSchema({ typeDefs: 'type Query { hello(name: String!): String } type Subscription { n: Int }', resolvers: { Query: { hello: (_, { name }) => `hello ${name}` }, Subscription: { n: { async *subscribe() { yield { n: 1 }; yield { n: 2 }; } } } } });
  const yoga = createYoga({ schema, logging: false });
  const ask = async (query) => (await yoga.fetch('http://x/graphql', { method: 'POST', headers: { 'content-type': 'application/json', accept: 'text/event-stream, application/json' }, body: JSON.stringify({ query }) })).text();
  const page = await (await yoga.fetch('http://x/graphql', { headers: { accept: 'text/html' } })).text();
  const { ApolloServer } = await import('@apollo/server');
  const { ApolloServerPluginLandingPageLocalDefault } = await import('@apollo/server/plugin/landingPage/default');
  const apollo = new ApolloServer({ typeDefs: 'type Query { a: Int }', resolvers: { Query: { a: () => 1 } }, plugins: [ApolloServerPluginLandingPageLocalDefault()], introspection: true });
  const { body } = await apollo.executeOperation({ query: '{ a __schema { queryType { name } } }' });
  const wrong = await apollo.executeOperation({ query: '{ nothing }' });
  await apollo.stop();
  return { yoga: JSON.parse(await ask('{ hello(name: "you") }')), stream: (await ask('subscription { n }')).includes('"n":2'), page: page.includes('GraphiQL'), apollo: body.singleResult.data, wrong: wrong.body.singleResult.errors[0].extensions.code };
}
