module.exports = () => module.exports.names();
module.exports.names = () => require('node:fs').readdirSync(`${__dirname}/../locales`);
