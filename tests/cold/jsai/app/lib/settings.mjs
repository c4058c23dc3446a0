export function readSettings(environment = process.env) {
  return {
    port: Number(environment.PORT ?? 8080),
    log: environment.LOG_LEVEL,
    extras: environment.EXTRAS === '1',
    crash: environment.CRASH === '1',
  };
}
