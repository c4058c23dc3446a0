// what the service asks of the system around it
const { execFileSync, execSync, spawnSync } = require('node:child_process');
module.exports = async () => {
  const tls = require('node:tls');
  const { lookup } = require('node:dns/promises');
  const piped = execSync("printf 'b\\na\\n' | sort | gzip -c | gunzip -c | sed s/a/x/ | awk '{print NR $1}' | tr '\\n' ' '", { encoding: 'utf8' }).trim();
  const arrays = execSync('words=(one two); echo ${#words[@]} ${words[1]^^}', { encoding: 'utf8', shell: '/bin/bash' }).trim();
  execFileSync('tar', ['-czf', '/tmp/locales.tgz', '-C', `${__dirname}/..`, 'locales']);
  const packed = execSync('tar -tzf /tmp/locales.tgz | grep -c json; find /tmp/locales.tgz -size +0 | xargs -n 1 basename', { encoding: 'utf8' }).trim().split('\n');
  const client = spawnSync('redis-cli', ['-p', '9', 'ping'], { encoding: 'utf8' });
  const date = execFileSync('date', ['-u', '-d', '@0', '+%F'], { encoding: 'utf8', env: { ...process.env, TZ: 'Asia/Tokyo' } }).trim();
  const local = execFileSync('date', ['-d', '@0', '+%H %Z'], { encoding: 'utf8', env: { ...process.env, TZ: 'Asia/Tokyo' } }).trim();
  return { piped, arrays, packed, client: client.stderr.includes('refused'), date, local, roots: tls.getCACertificates('system').length > 50, localhost: (await lookup('localhost', { family: 4 })).address, user: require('node:os').userInfo().username };
};
