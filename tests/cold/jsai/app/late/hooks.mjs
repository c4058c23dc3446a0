import { readFile } from 'node:fs/promises';
import { load as parse } from 'js-yaml';
export async function load(url, context, next) {
  if (!url.endsWith('.yaml')) return next(url, context);
  const value = parse(await readFile(new URL(url), 'utf8'));
  return { format: 'module', shortCircuit: true, source: `export default ${JSON.stringify(value)}` };
}
