const cluster = require('node:cluster');
const http = require('node:http');
if (cluster.isPrimary) {
  for (let n = 0; n < 2; n += 1) cluster.fork();
  let listening = 0;
  cluster.on('listening', async (worker, { port }) => {
    listening += 1;
    if (listening < 2) return;
    console.log(await (await fetch(`http://127.0.0.1:${port}`)).text());
    for (const one of Object.values(cluster.workers)) one.kill();
  });
} else {
  http.createServer((request, response) => response.end('from a worker of the cluster')).listen(8099);
}
