const crypto = require('node:crypto');
module.exports = () => { const { privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }); return [crypto.createHash('sha3-256').update('x').digest('hex').slice(0, 8), crypto.sign('sha256', Buffer.from('x'), privateKey).length > 60, crypto.scryptSync('a', 'b', 16).length, crypto.createHash('md5').update('x').digest('hex').slice(0, 4)]; };
