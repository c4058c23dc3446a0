// the same service once more, below its process manager
const path = require('node:path');
const { spawn } = require('node:child_process');
const { setTimeout: wait } = require('node:timers/promises');
module.exports = async () => {
  const child = spawn('npm', ['run', 'prod'], { cwd: path.join(__dirname, '..'), env: { ...process.env, HOME: '/tmp', PM2_HOME: '/tmp/pm2', npm_config_cache: '/tmp/npm' }, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  child.stdout.on('data', (chunk) => { told += chunk; });
  let answer = 'nothing';
  for (let n = 0; n < 150 && answer === 'nothing'; n += 1) { await wait(100); answer = await fetch('http://127.0.0.1:8066/health').then((one) => one.text(), () => 'nothing'); }
  process.kill(-child.pid, 'SIGINT');
  await new Promise((resolve) => child.on('exit', resolve));
  return { answer, online: told.includes('online') };
};
