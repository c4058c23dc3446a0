#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command } from 'commander';
const require = createRequire(import.meta.url);
const program = new Command('papers').version(require('./package.json').version);
for (const name of ['chart', 'store', 'people', 'browser', 'settings', 'letter']) program.command(`${name} [word]`).action(async (word) => console.log(await (await import(`./commands/${name}.mjs`)).default(word)));
await program.parseAsync();
