const fs = require('node:fs');
const build = require('pino-abstract-transport');
module.exports = ({ to }) => build(async (source) => { for await (const line of source) fs.appendFileSync(to, `own: ${line.msg}\n`); });
