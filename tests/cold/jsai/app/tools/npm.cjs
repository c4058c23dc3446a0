const path = require('node:path');
const { execFileSync } = require('node:child_process');
const scripts = ['report', 'migrate', 'compile', 'typed'];
module.exports = ({ script }) => {
  if (!scripts.includes(script)) throw new Error('no such script');
  const env = { ...process.env, npm_config_cache: '/tmp/npm', npm_config_update_notifier: 'false', HOME: '/tmp' };
  return execFileSync('npm', ['run', script], { cwd: path.join(__dirname, '..'), env, encoding: 'utf8' });
};
