// commands of the other application, which has its own packages
const { execFileSync } = require('node:child_process');
module.exports = ({ command, word }) => execFileSync(process.execPath, ['/srv/tools/cli.mjs', command, ...(word ? [word] : [])], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } }).trim();
