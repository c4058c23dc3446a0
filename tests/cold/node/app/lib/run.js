module.exports = () => require('node:child_process').execSync('npm --version && date -u -d @0 +%Y').toString().trim().split('\n').map((line) => line.length > 0);
