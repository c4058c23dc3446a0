module.exports = { apps: [{ name: 'papers', script: 'server.mjs', instances: 1, exec_mode: 'fork', env: { PORT: '8066' } }] };
