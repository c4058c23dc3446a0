import { parentPort, workerData } from 'worker_threads';
parentPort.postMessage(workerData.reduce((a: number, b: number) => a + b, 0));
