import ort from 'onnxruntime-node';
import { file } from '#lib/here';
export default async function onnx() {
  const session = await ort.InferenceSession.create(file('models/tiny/onnx/model.onnx'), { graphOptimizationLevel: 'all', executionProviders: ['cpu'] });
  const ids = new ort.Tensor('int64', BigInt64Array.from([1n, 2n, 3n]), [1, 3]);
  const mask = new ort.Tensor('int64', BigInt64Array.from([1n, 1n, 1n]), [1, 3]);
  const out = await session.run({ input_ids: ids, attention_mask: mask });
  return { names: session.outputNames, dims: out.last_hidden_state.dims, data: Array.from(out.last_hidden_state.data) };
}
