const path = require('node:path');
const { execFileSync } = require('node:child_process');
const late = path.join(__dirname, '..', 'late');
const run = (...words) => execFileSync(process.execPath, words, { cwd: path.join(late, '..'), encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
const ways = {
  async esbuild() {
    const { outputFiles } = await require('esbuild').build({ entryPoints: [path.join(late, 'typed.ts')], bundle: true, platform: 'node', write: false, logLevel: 'silent' });
    return run('-e', outputFiles[0].text);
  },
  async swc() {
    const { code } = await require('@swc/core').transform('const a: number = 1; export default async () => a ?? 2', { jsc: { parser: { syntax: 'typescript' }, target: 'es5', externalHelpers: false }, module: { type: 'commonjs' }, minify: true });
    return code.includes('exports');
  },
  async typescript() {
    const ts = require('typescript');
    const program = ts.createProgram([path.join(late, 'typed.ts')], { strict: true, noEmit: true, target: ts.ScriptTarget.ES2022, lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], types: [], moduleResolution: ts.ModuleResolutionKind.Bundler, module: ts.ModuleKind.ESNext });
    const problems = ts.getPreEmitDiagnostics(program).map((one) => ts.flattenDiagnosticMessageText(one.messageText, ' '));
    const localized = ts.getSupportedCodeFixes?.().length > 10;
    return { problems, localized, emitted: ts.transpileModule('let a: number = 1', { reportDiagnostics: true }).outputText.trim() };
  },
  tsx: async () => run('--import', 'tsx', path.join(late, 'typed.ts')),
  strip: async () => run('--experimental-strip-types', '--no-warnings', path.join(late, 'plain.ts')),
};
module.exports = ({ with: how }) => ways[how]();
