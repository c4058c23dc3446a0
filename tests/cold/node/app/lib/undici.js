module.exports = async () => { const { request } = require('undici'); const { statusCode } = await request('http://127.0.0.1:3000/health'); return statusCode; };
