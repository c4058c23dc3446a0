const path = require('node:path');
module.exports = {
  client: 'better-sqlite3',
  useNullAsDefault: true,
  connection: { filename: '/tmp/papers.db' },
  migrations: { directory: path.join(__dirname, 'migrations') },
  seeds: { directory: path.join(__dirname, 'seeds') },
};
