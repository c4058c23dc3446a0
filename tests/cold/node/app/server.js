'use strict';
// A service with one happy path, GET /hello, and many lazily loaded ones.
const express = require('express');
const path = require('node:path');

const app = express();
app.set('view engine', 'ejs');
app.set('views', path.join(__dirname, 'views'));
app.get('/health', (request, response) => response.send('ok'));
app.get('/hello', (request, response) => response.json({ hello: request.query.who || 'world' }));
app.get('/page', (request, response) => response.render('page', { who: request.query.who || 'world' }));
app.post('/echo', express.json({ limit: '10kb' }), (request, response) => response.json(request.body));
app.post('/form', express.urlencoded({ extended: true }), (request, response) => response.json(request.body));
app.use('/files', express.static(path.join(__dirname, 'locales')));
app.get('/do/:name', async (request, response, next) => {
  try {
    const task = require(`./lib/${path.basename(request.params.name)}`);
    response.json({ result: await task(request.query) });
  } catch (error) { next(error); }
});
app.get('/throw', () => setImmediate(() => { throw new Error('uncaught, as asked'); }));
const server = app.listen(process.env.PORT || 3000, () => console.log('listening'));
server.on('upgrade', (request, socket, head) => {
  const { WebSocketServer } = require('ws');
  const wss = new WebSocketServer({ noServer: true });
  wss.handleUpgrade(request, socket, head, (ws) => ws.on('message', (data) => ws.send(`echo ${data}`)));
});
process.on('SIGTERM', () => server.close(() => { console.log('closed'); process.exit(0); }));
process.on('SIGHUP', () => console.log(`locale ${require(`./locales/${process.env.APP_LOCALE || 'de'}.json`).hello}`));
