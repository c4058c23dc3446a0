import { readFile } from 'node:fs/promises';
export async function add(a, b) {
  const module = await WebAssembly.instantiate(await readFile(new URL('../assets/add.wasm', import.meta.url)));
  return module.instance.exports.add(a, b);
}
