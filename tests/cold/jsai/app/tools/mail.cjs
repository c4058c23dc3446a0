module.exports = async () => {
  const { SMTPServer } = require('smtp-server');
  const letters = [];
  const server = new SMTPServer({ authOptional: true, onData(stream, session, done) { const chunks = []; stream.on('data', (chunk) => chunks.push(chunk)); stream.on('end', () => { letters.push(Buffer.concat(chunks).toString()); done(); }); } });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const nodemailer = require('nodemailer');
  const transport = nodemailer.createTransport({ host: '127.0.0.1', port: server.server.address().port, tls: { rejectUnauthorized: false }, dkim: { domainName: 'example.org', keySelector: 'a', privateKey: require('node:crypto').generateKeyPairSync('rsa', { modulusLength: 1024, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } }).privateKey } });
  await transport.sendMail({ from: 'a@example.org', to: 'b@example.org', subject: 'grüße', html: '<b>x</b>', attachments: [{ filename: 'ü.pdf', content: 'x' }] });
  const known = require('nodemailer/lib/well-known')('gmail').host;
  server.close();
  const iconv = require('iconv-lite');
  const texts = ['shift_jis', 'gb18030', 'big5', 'koi8-r', 'utf-7', 'win1252'].map((name) => iconv.decode(iconv.encode('a', name), name));
  return { signed: letters[0].includes('DKIM-Signature'), pdf: letters[0].includes('application/pdf'), known, texts, kanji: iconv.decode(Buffer.from([0x93, 0xfa]), 'shift_jis') };
};
