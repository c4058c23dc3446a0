// markdown and code: languages, themes and components by their names
import { createRequire } from 'node:module';
import path from 'node:path';
const require = createRequire(import.meta.url);
const works = {
  async markdown() {
    const { unified } = await import('unified');
    const plugins = await Promise.all(['remark-parse', 'remark-gfm', 'remark-html'].map(async (name) => (await import(name)).default));
    return String(await plugins.reduce((chain, plugin) => chain.use(plugin), unified()).process('# a\n\n|x|y|\n|-|-|\n|1|2|\n\n~~no~~'));
  },
  async shiki({ lang, theme }) {
    const { codeToHtml } = await import('shiki');
    return (await codeToHtml('let a = 1', { lang, theme })).includes('<span style=');
  },
  async highlight({ lang }) {
    const core = require('highlight.js/lib/core');
    core.registerLanguage(lang, require(`highlight.js/lib/languages/${lang}`));
    const Prism = require('prismjs');
    require('prismjs/components/')([lang]);
    return [core.highlight('fn main() {}', { language: lang }).value.includes('hljs-keyword'), Prism.highlight('fn main() {}', Prism.languages[lang], lang).includes('token keyword')];
  },
  async trees({ lang }) {
    const { Parser, Language } = await import('web-tree-sitter');
    await Parser.init();
    const grammars = path.join(path.dirname(require.resolve('tree-sitter-wasms/package.json')), 'out');
    const parser = new Parser();
    parser.setLanguage(await Language.load(path.join(grammars, `tree-sitter-${lang}.wasm`)));
    return parser.parse('a = 1\n').rootNode.type;
  },
  async japanese() {
    const kuromoji = require('kuromoji');
    const dicPath = path.join(path.dirname(require.resolve('kuromoji')), '..', 'dict');
    const tokenizer = await new Promise((resolve, reject) => kuromoji.builder({ dicPath }).build((error, made) => (error ? reject(error) : resolve(made))));
    const { Jieba } = await import('@node-rs/jieba');
    const { dict } = await import('@node-rs/jieba/dict.js');
    return { ja: tokenizer.tokenize('東京都に住む').map((token) => token.surface_form), zh: Jieba.withDict(dict).cut('我来到北京清华大学', true) };
  },
  async spelling() {
    const { default: dictionary } = await import('dictionary-en');
    const { default: nspell } = await import('nspell');
    const spell = nspell(dictionary);
    const { hyphenate } = require(`hyphen/${'de'}`);
    return { wrong: spell.correct('helo'), suggest: spell.suggest('helo').includes('hello'), hyphens: (await hyphenate('Donaudampfschifffahrt')).includes('\u00ad') };
  },
};
export default ({ what, ...query }) => works[what](query);
