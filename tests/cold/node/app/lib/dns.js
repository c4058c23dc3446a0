module.exports = async ({ name = 'localhost' }) => { const dns = require('node:dns/promises'); try { return (await dns.lookup(name)).address; } catch (error) { return error.code; } };
