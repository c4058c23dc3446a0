require('source-map-support').install();
module.exports = (error) => { console.error(`caught at last: ${error.message}`); process.exit(70); };
