const { Worker, isMainThread, parentPort } = require('node:worker_threads');
if (!isMainThread) parentPort.postMessage(require('ejs').render('<%= 6 * 7 %>'));
else module.exports = () => new Promise((resolve, reject) => new Worker(__filename).once('message', resolve).once('error', reject));
