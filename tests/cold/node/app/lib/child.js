const { fork, execFile, spawnSync } = require('node:child_process');
if (process.send) process.send(require('./locales').names());
else module.exports = () => new Promise((resolve, reject) => fork(__filename).once('message', (found) => resolve([found, spawnSync('sh', ['-c', 'echo a | tr a b']).stdout.toString().trim()])).once('error', reject));
