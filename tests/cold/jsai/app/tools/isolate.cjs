module.exports = async () => {
  const { getQuickJS, newAsyncContext, RELEASE_ASYNC } = require('quickjs-emscripten');
  const quick = (await getQuickJS()).evalCode('[1,2,3].map((n) => n * 2).join()');
  const context = await newAsyncContext();
  const slow = context.newAsyncifiedFunction('slow', async () => context.newString('waited'));
  context.setProp(context.global, 'slow', slow);
  slow.dispose();
  const later = context.unwrapResult(await context.evalCodeAsync('slow()')).consume(context.dump);
  context.dispose();
  const { execFileSync } = require('node:child_process');
  const program = "const ivm = require('isolated-vm'); const i = new ivm.Isolate({ memoryLimit: 16 }); console.log(i.createContextSync().evalSync('6*7'))";
  const isolated = execFileSync(process.execPath, ['--no-node-snapshot', '-e', program], { cwd: __dirname, encoding: 'utf8' }).trim();
  return { quick, later, variant: typeof RELEASE_ASYNC, isolated };
};
