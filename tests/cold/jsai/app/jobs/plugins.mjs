import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { add } from '#codec';
import { file } from '#lib/here';
const require = createRequire(import.meta.url);
export default async function plugins({ text = 'the banana and the melon are good fruits for everyone' }) {
  const answers = {};
  for (const name of (await readdir(file('plugins'))).sort()) answers[name] = (await import(pathToFileURL(file(`plugins/${name}`)))).apply(text);
  const words = require('@cold/text/words.json');
  const where = import.meta.resolve('@cold/text/features/language').split('/').pop();
  const missing = await import('./not-there.mjs').catch((error) => error.code);
  const hidden = await import('@cold/text/src/features/hidden.js').catch((error) => error.code);
  const required = require('@cold/text').kind;
  const legacy = require('@cold/text/features/legacy').name;
  return { answers, words: words.length, where, missing, hidden, required, legacy, added: await add(2, 3) };
}
