const fs = require('node:fs');
const { setTimeout: wait } = require('node:timers/promises');
module.exports = async () => {
  const pino = require('pino');
  const logger = pino(pino.transport({ targets: [
    { target: 'pino-pretty', options: { destination: '/tmp/pretty.log', colorize: false } },
    { target: 'pino-roll', options: { file: '/tmp/rolled', mkdir: true, size: '1m' } },
    { target: 'pino/file', options: { destination: '/tmp/plain.log' } },
    { target: require.resolve('../late/transport.cjs'), options: { to: '/tmp/own.log' } },
  ] }));
  logger.info({ a: 1 }, 'a line');
  await wait(2000);
  const winston = require('winston');
  require('winston-daily-rotate-file');
  const rotating = new winston.transports.DailyRotateFile({ filename: '/tmp/w-%DATE%.log', zippedArchive: true });
  winston.createLogger({ format: winston.format.combine(winston.format.colorize({ all: true }), winston.format.simple()), transports: [rotating, new winston.transports.Console()] }).warn('a warning');
  await wait(500);
  const files = fs.readdirSync('/tmp');
  const has = (start) => files.some((name) => name.startsWith(start));
  return { pretty: fs.readFileSync('/tmp/pretty.log', 'utf8').includes('a line'), rolled: has('rolled'), plain: has('plain'), own: fs.readFileSync('/tmp/own.log', 'utf8').trim(), rotated: has('w-') };
};
