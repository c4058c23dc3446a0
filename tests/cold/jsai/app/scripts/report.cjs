const { version } = require('../package.json');
console.log(`report of ${version}: ${require('../lib/late-report.cjs').lines().join(', ')}`);
