import { Worker } from 'node:worker_threads';
import { fork, execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { once } from 'node:events';
import { file } from '#lib/here';
export default async function threads() {
  const worker = new Worker(new URL('../late/thread.mjs', import.meta.url), { workerData: 2 });
  const [word] = await once(worker, 'message');
  const { default: Piscina } = await import('piscina');
  const pool = new Piscina({ filename: new URL('../late/piscina-task.mjs', import.meta.url).href, maxThreads: 2 });
  const digests = await Promise.all(['a', 'b'].map((text) => pool.run(text)));
  const length = await pool.run('abc', { name: 'length' });
  await pool.destroy();
  const child = fork(file('late/child.cjs'), ['--fast']);
  child.send({ n: 4 });
  const [forked] = await once(child, 'message');
  const { stdout } = await promisify(execFile)(process.execPath, [file('late/cluster.cjs')]);
  const shell = spawn('sh', ['-c', 'printf "%s" "$0 in a shell" | tr a-z A-Z', 'words']);
  let loud = '';
  for await (const chunk of shell.stdout) loud += chunk;
  return { word, digests, length, forked, cluster: stdout.trim(), loud };
}
