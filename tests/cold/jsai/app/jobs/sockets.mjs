import http from 'node:http';
export default async function sockets() {
  const { Server } = await import('socket.io');
  const { io } = await import('socket.io-client');
  const { WebSocketServer, default: WebSocket } = await import('ws');
  const server = http.createServer();
  const sockets = new Server(server, { perMessageDeflate: true });
  sockets.on('connection', (socket) => socket.on('say', (text, done) => done(`said ${text}`)));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${server.address().port}`;
  const script = await (await fetch(`${address}/socket.io/socket.io.min.js`)).text();
  const client = io(address, { transports: ['polling', 'websocket'] });
  const said = await client.emitWithAck('say', 'hi');
  client.close();
  await sockets.close();
  const plain = new WebSocketServer({ port: 0, perMessageDeflate: { threshold: 10 } });
  plain.on('connection', (socket) => socket.on('message', (data) => socket.send(String(data).toUpperCase())));
  const caller = new WebSocket(`ws://127.0.0.1:${plain.address().port}`);
  await new Promise((resolve) => caller.once('open', resolve));
  caller.send('grüße '.repeat(20));
  const answer = await new Promise((resolve) => caller.once('message', (data) => resolve(String(data))));
  caller.close();
  plain.close();
  const { MockAgent, request, EnvHttpProxyAgent, FormData } = await import('undici');
  const agent = new MockAgent();
  agent.get('http://mocked').intercept({ path: '/a' }).reply(200, 'mocked answer');
  const { body } = await request('http://mocked/a', { dispatcher: agent });
  return { script: script.includes('Socket.IO'), said, answer: answer.slice(0, 5), mocked: await body.text(), proxy: typeof new EnvHttpProxyAgent().dispatch, form: new FormData() instanceof Object };
}
