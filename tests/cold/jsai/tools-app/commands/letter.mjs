import { createRequire } from 'node:module';
import chalk from 'chalk';
const require = createRequire(import.meta.url);
export default async function letter(word = 'x') {
  const hbs = require('hbs').create();
  hbs.registerPartials(new URL('../parts', import.meta.url).pathname);
  const text = await new Promise((resolve, reject) => hbs.__express(new URL('../parts/letter.hbs', import.meta.url).pathname, { word, cache: false, settings: { views: new URL('../parts', import.meta.url).pathname } }, (error, made) => (error ? reject(error) : resolve(made))));
  const Table = require('cli-table3');
  const table = new Table({ head: ['a'] });
  table.push(['b']);
  const { marked } = await import('marked');
  return `${chalk.bold(text.trim())} ${marked.parse('*x*').trim()} ${table.toString().includes('b')}`;
}
