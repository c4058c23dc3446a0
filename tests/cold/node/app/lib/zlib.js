const zlib = require('node:zlib');
module.exports = () => [zlib.brotliDecompressSync(zlib.brotliCompressSync('x'.repeat(99))).length, zlib.gunzipSync(zlib.gzipSync('y')).length];
