module.exports = async () => {
  const bcrypt = require('bcrypt');
  const argon2 = require('argon2');
  const Ajv = require('ajv/dist/2020');
  const ajv = new Ajv({ code: { source: true } });
  require('ajv-formats')(ajv, { mode: 'full' });
  const check = ajv.compile({ type: 'object', properties: { mail: { type: 'string', format: 'email' } }, unevaluatedProperties: false });
  const archiver = require('archiver');
  const kinds = {};
  for (const kind of ['zip', 'tar']) { const one = archiver(kind, { gzip: kind === 'tar' }); const chunks = []; one.on('data', (chunk) => chunks.push(chunk)); one.append('x', { name: 'a.txt' }); one.finalize(); await new Promise((resolve) => one.on('end', resolve)); kinds[kind] = Buffer.concat(chunks).subarray(0, 2).toString('hex'); }
  const { parse } = require('csv-parse/sync');
  const crypto = require('node:crypto');
  return { bcrypt: await bcrypt.compare('a', await bcrypt.hash('a', 4)), argon2: await argon2.verify(await argon2.hash('a', { timeCost: 2, memoryCost: 1024 }), 'a'), valid: [check({ mail: 'a@b.org' }), check({ mail: 'x' })], kinds, csv: parse('a;b\n1;2', { delimiter: ';', columns: true }), uuid: require('uuid').v5('a', require('uuid').v5.DNS), cipher: crypto.getCiphers().includes('aes-256-gcm'), scrypt: crypto.scryptSync('a', 'b', 8).toString('hex'), yaml: require('yaml').parse('a: !!set {x, y}', { version: '1.1' }).a instanceof Set };
};
