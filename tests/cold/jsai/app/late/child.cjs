process.on('message', ({ n }) => { process.send({ twice: n * 2, argv: process.argv.slice(2) }); process.disconnect(); });
