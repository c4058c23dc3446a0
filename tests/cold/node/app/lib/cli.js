module.exports = () => require('yargs/yargs')(['--count', '3', '--help']).locale('de').option('count', { type: 'number' }).exitProcess(false).getHelp();
