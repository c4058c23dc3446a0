'use strict';
// The front of a notice board of 2022: it cleans what is posted, pushes it to readers, and asks the posts service.

const http = require('http');
const { DOMParser } = require('@xmldom/xmldom');
const asynchronous = require('async');
const { Cookie } = require('cookiejar');
const { XMLParser } = require('fast-xml-parser');
const got = require('got');
const yaml = require('js-yaml');
const Koa = require('koa');
const { DateTime } = require('luxon');
const multer = require('multer');
const nodemailer = require('nodemailer');
const protobuf = require('protobufjs');
const sanitize = require('sanitize-html');
const { Server } = require('socket.io');
const { io: connect } = require('socket.io-client');
const validator = require('validator');
const wrap = require('word-wrap');

const PORT = 8080;
const POSTS = 'http://127.0.0.1:8001';
const app = new Koa();
const upload = multer().single('file');

const answers = {
  '/health': async () => 'ok',
  '/clean': async () => sanitize('<b onclick="x()">hello</b><script>x()</script>'),
  '/day': async () => DateTime.fromISO('2022-04-01', { zone: 'utc' }).plus({ days: 1 }).toFormat('d LLLL yyyy'),
  '/formats': async () => {
    const document = new DOMParser().parseFromString('<a><b>1</b></a>', 'text/xml');
    const object = new XMLParser().parse('<a><b>2</b></a>');
    const type = protobuf.parse('syntax = "proto3"; message M { string a = 1; }').root.lookupType('M');
    const message = type.decode(type.encode({ a: '3' }).finish());
    return [document.getElementsByTagName('b')[0].firstChild.data, object.a.b, message.a, yaml.load('a: 4').a].join(' ');
  },
  '/words': async () => {
    const lines = wrap('one two three', { width: 8, indent: '' }).split('\n').map((line) => line.trim());
    return [lines.join('/'), validator.isEmail('a@board.example'), new Cookie('a=b').value].join(' ');
  },
  '/sum': async () => String(await asynchronous.reduce([1, 2, 3], 0, async (sum, each) => sum + each)),
  '/mail': async () => {
    const transport = nodemailer.createTransport({ streamTransport: true, buffer: true });
    const sent = await transport.sendMail({ from: 'a@board.example', to: 'b@board.example', subject: 'hello', text: 'x' });
    return sent.message.toString().match(/Subject: (\w+)/)[1];
  },
  '/live': () => new Promise((resolve) => {
    const socket = connect(`http://127.0.0.1:${PORT}`);
    socket.on('posted', (what) => { socket.close(); resolve(what); });
  }),
  '/posts': async (query) => (await got(`${POSTS}${query.get('path')}`)).body,
};

app.use(async (context) => {
  if (context.path === '/upload') {
    await new Promise((resolve, reject) => upload(context.req, context.res, (error) => (error ? reject(error) : resolve())));
    context.body = `${context.req.file.originalname} ${context.req.file.size}`;
  } else if (context.path in answers) {
    context.body = await answers[context.path](new URLSearchParams(context.querystring));
  }
});

const server = http.createServer(app.callback());
new Server(server).on('connection', (socket) => socket.emit('posted', 'live'));
server.listen(PORT, () => console.log('serving'));
