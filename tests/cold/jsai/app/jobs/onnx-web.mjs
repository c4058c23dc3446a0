import { readFile } from 'node:fs/promises';
import { file } from '#lib/here';
export default async function web({ threads = 1 }) {
  const { default: ort } = await import('onnxruntime-web');
  ort.env.wasm.numThreads = Number(threads);
  const session = await ort.InferenceSession.create(new Uint8Array(await readFile(file('models/tiny/onnx/model.onnx'))), { executionProviders: ['wasm'] });
  const ids = new ort.Tensor('int64', BigInt64Array.from([1n, 2n]), [1, 2]);
  const out = await session.run({ input_ids: ids, attention_mask: ids });
  return { dims: out.last_hidden_state.dims };
}
