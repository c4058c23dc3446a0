'use strict';
// The desk of a reporting service of 2024: it takes orders for reports, keeps archives, and asks the sums and print services.

const fs = require('fs');
const os = require('os');
const path = require('path');
const compression = require('compression');
const express = require('express');
const glob = require('fast-glob');
const FormData = require('form-data');
const ip = require('ip');
const { JSONPath } = require('jsonpath-plus');
const { nanoid } = require('nanoid');
const postcss = require('postcss');
const { rimraf } = require('rimraf');
const tar = require('tar');
const { request: ask } = require('undici');
const { WebSocketServer, WebSocket } = require('ws');

const PORT = 8080;
const SUMS = 'http://127.0.0.1:8001';
const PRINT = 'http://127.0.0.1:8002';
const app = express();
app.use(compression({ threshold: 0 }));

app.get('/health', (_request, response) => response.send('ok'));
app.get('/pick', (_request, response) => response.json(JSONPath({ path: '$..total', json: { a: { total: 1 }, b: { total: 2 } } })));
app.get('/id', (_request, response) => response.send(String(nanoid().length)));
app.get('/local', (_request, response) => response.send(String(ip.isPrivate('10.1.2.3'))));
app.get('/style', (_request, response) => response.send(postcss.parse('a { color: red }').first.selector));
app.get('/archive', async (_request, response) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'report-'));
  fs.writeFileSync(path.join(folder, 'report.txt'), 'kept');
  await tar.create({ gzip: true, cwd: folder, file: path.join(folder, 'out.tgz') }, ['report.txt']);
  fs.unlinkSync(path.join(folder, 'report.txt'));
  await tar.extract({ cwd: folder, file: path.join(folder, 'out.tgz') });
  const found = await glob('*.txt', { cwd: folder });
  const text = fs.readFileSync(path.join(folder, found[0]), 'utf8');
  await rimraf(folder);
  response.send(`${text} ${fs.existsSync(folder)}`);
});
app.get('/sum', async (request, response) => {
  const { body } = await ask(`${SUMS}/sum?values=${encodeURIComponent(request.query.values)}`);
  response.type('json').send(await body.text());
});
app.get('/upload', async (_request, response) => {
  const form = new FormData();
  form.append('name', 'march');
  form.append('file', Buffer.from('1,2\n3,4\n'), { filename: 'march.csv' });
  const { body } = await ask(`${SUMS}/upload`, { method: 'POST', headers: form.getHeaders(), body: form.getBuffer() });
  response.type('json').send(await body.text());
});
for (const [own, theirs] of [['/pdf', `${SUMS}/pdf`], ['/tools', `${SUMS}/tools`], ['/print', `${PRINT}/print`]]) {
  app.get(own, async (_request, response) => {
    const { body } = await ask(theirs);
    response.send(await body.text());
  });
}
app.get('/live', (_request, response) => {
  const socket = new WebSocket(`ws://127.0.0.1:${PORT}/`);
  socket.on('message', (text) => { response.send(String(text)); socket.close(); });
});

const server = app.listen(PORT, () => console.log('serving'));
new WebSocketServer({ server }).on('connection', (socket) => socket.send('live'));
