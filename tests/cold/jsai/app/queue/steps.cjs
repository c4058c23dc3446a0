module.exports = async (job) => ({ sum: job.data.numbers.reduce((a, b) => a + b, 0), thread: !require('node:worker_threads').isMainThread });
