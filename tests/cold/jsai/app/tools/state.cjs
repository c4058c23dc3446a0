const os = require('node:os');
module.exports = async ({ what }) => {
  if (what === 'preload') return String(globalThis.preloaded);
  if (what === 'inspector') return require('node:inspector').url() !== undefined;
  if (what === 'heap') { const { PassThrough } = require('node:stream'); let size = 0; const out = new PassThrough(); out.on('data', (chunk) => { size += chunk.length; }); require('node:v8').getHeapSnapshot().pipe(out); await new Promise((resolve) => out.on('end', resolve)); return size > 1000; }
  if (what === 'report') return Object.keys(process.report.getReport().header).length > 5;
  if (what === 'stack') { require('source-map-support').install(); try { require('../late/mapped.cjs').fail(); } catch (error) { return error.stack.split('\n')[1].trim().replace(/.*late/, 'late'); } }
  if (what === 'where') return { user: (() => { try { return os.userInfo().username; } catch (error) { return error.code; } })(), zone: Intl.DateTimeFormat().resolvedOptions().timeZone, local: new Date(0).toLocaleString(), hour: new Date(0).getHours() };
  if (what === 'metrics') { const client = require('prom-client'); client.collectDefaultMetrics(); return (await client.register.metrics()).includes('nodejs_eventloop_lag_seconds'); }
  if (what === 'missing') return require('./nothing-like-it.cjs');
  throw new Error(`no state ${what}`);
};
