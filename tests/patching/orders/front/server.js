'use strict';
// The front of a small shop of 2022: it shows an order, signs tokens, reads old formats, and asks the prices and labels services.

const http = require('http');
const express = require('express');
const axios = require('axios');
const ejs = require('ejs');
const fetch = require('node-fetch');
const handlebars = require('handlebars');
const json5 = require('json5');
const jwt = require('jsonwebtoken');
const marked = require('marked');
const minimist = require('minimist');
const moment = require('moment');
const semver = require('semver');
const { CookieJar } = require('tough-cookie');
const WebSocket = require('ws');
const xml2js = require('xml2js');
const _ = require('lodash');

const { port, prices, labels } = minimist(process.argv.slice(2), {
  default: { port: 8080, prices: 'http://127.0.0.1:8001', labels: 'http://127.0.0.1:8002' },
});
const KEY = 'a key of the test';
const mail = handlebars.compile('Dear {{name}}, {{count}} things are on their way.');
const app = express();

app.get('/health', (_request, response) => response.send('ok'));
app.get('/order', (request, response) => {
  const rows = _.sortBy([{ id: 2, what: 'pen' }, { id: 1, what: '<ink>' }], 'id');
  response.send(ejs.render('<% for (const row of rows) { %><li><%= row.what %></li><% } %>', { rows }));
});
app.get('/mail', (request, response) => response.send(mail({ name: request.query.name, count: 3 })));
app.get('/note', (request, response) => response.send(marked('**soon**')));
app.get('/token', (request, response) => response.send(jwt.verify(jwt.sign({ sub: 'me' }, KEY), KEY).sub));
app.get('/day', (request, response) => response.send(moment.utc('2022-03-01', 'YYYY-MM-DD').add(1, 'day').format('D MMMM YYYY')));
app.get('/formats', async (request, response) => {
  const xml = await xml2js.parseStringPromise('<a><b>1</b></a>');
  const jar = new CookieJar();
  jar.setCookieSync('basket=7', 'http://shop.example/');
  const cookie = jar.getCookieStringSync('http://shop.example/');
  response.send([xml.a.b[0], json5.parse('{two: 2}').two, semver.inc('1.2.3', 'minor'), cookie].join(' '));
});
app.get('/price', async (request, response) => {
  const { data } = await axios.get(`${prices}/price`, { params: request.query });
  response.json(data);
});
app.get('/parts', async (request, response) => response.send((await axios.get(`${prices}/parts`)).data));
app.get('/label', async (request, response) => {
  const answer = await fetch(`${labels}/label?name=${encodeURIComponent(request.query.name)}`);
  response.send(await answer.text());
});
app.get('/live', (request, response) => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  socket.on('message', (text) => { response.send(String(text)); socket.close(); });
});

const server = http.createServer(app);
new WebSocket.Server({ server }).on('connection', (socket) => socket.send('live'));
server.listen(port, () => console.log('serving'));
