const path = require('node:path');
module.exports = async () => {
  const grpc = require('@grpc/grpc-js');
  const definition = require('@grpc/proto-loader').loadSync('words.proto', { includeDirs: [path.join(__dirname, '../proto')], keepCase: true });
  const { Words } = grpc.loadPackageDefinition(definition).words;
  const server = new grpc.Server();
  server.addService(Words.service, {
    Count: ({ request }, done) => done(null, { value: request.text.split(' ').length, at: { seconds: 1 } }),
    Each: (call) => { for (const text of call.request.text.split(' ')) call.write({ text }); call.end(); },
  });
  const port = await new Promise((resolve, reject) => server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))));
  const client = new Words(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const counted = await new Promise((resolve, reject) => client.Count({ text: 'a b c' }, (error, answer) => (error ? reject(error) : resolve(answer.value))));
  const each = [];
  for await (const { text } of client.Each({ text: 'x y' })) each.push(text);
  client.close();
  server.forceShutdown();
  return { counted, each };
};
