// the site stands beside the service, and is started when somebody wants it
const { spawn } = require('node:child_process');
const { setTimeout: wait } = require('node:timers/promises');
module.exports = async () => {
  const child = spawn(process.execPath, ['server.js'], { cwd: '/srv/site', env: { ...process.env, NODE_OPTIONS: '', PORT: '3055', HOSTNAME: '127.0.0.1' }, stdio: 'inherit' });
  const at = 'http://127.0.0.1:3055';
  for (let n = 0; n < 100; n += 1) { if (await fetch(`${at}/`).then(() => true, () => false)) break; await wait(100); }
  const page = await (await fetch(`${at}/`)).text();
  const letters = await (await fetch(`${at}/letters`, { headers: { 'x-who': 'you' } })).text();
  const paper = await (await fetch(`${at}/api/paper/7`)).json();
  const posted = await fetch(`${at}/api/paper/7`, { method: 'POST', body: '{"a":1}' });
  const image = await fetch(`${at}/_next/image?url=%2Fdot.png&w=16&q=75`, { headers: { accept: 'image/webp' } });
  const missing = await fetch(`${at}/nothing`);
  const old = await fetch(`${at}/old/x`, { redirect: 'manual' });
  child.kill();
  return { page: page.includes('all papers'), letters: /late letter for (<!-- -->)?you/.test(letters), paper, posted: posted.status, image: [image.status, image.headers.get('content-type')], missing: missing.status, old: old.headers.get('location') };
};
