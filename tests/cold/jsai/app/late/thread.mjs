import { parentPort, workerData } from 'node:worker_threads';
const { default: words } = await import('./words.json', { with: { type: 'json' } });
parentPort.postMessage(words[workerData]);
