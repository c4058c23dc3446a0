import signals from './signals.json' with { type: 'json' };
export default function bye() { console.log(signals.SIGTERM); process.exitCode = 7; }
