import { file } from '#lib/here';
export default async function transformers({ what = 'embed' }) {
  const { env, pipeline, AutoTokenizer, RawImage } = await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  env.localModelPath = file('models/');
  if (what === 'tokens') {
    const tokenizer = await AutoTokenizer.from_pretrained('tiny');
    return { ids: tokenizer.encode('hello world'), chat: tokenizer.apply_chat_template([{ role: 'user', content: 'hello' }], { tokenize: false }) };
  }
  if (what === 'image') {
    const image = await RawImage.read(file('assets/dot.png'));
    return { size: image.size, small: (await image.resize(2, 2)).size };
  }
  if (what === 'missing') return pipeline('fill-mask', 'not-there').then(() => 'loaded', (error) => error.message.slice(0, 60));
  const embed = await pipeline('feature-extraction', 'tiny', { dtype: 'fp32' });
  const out = await embed(['hello world', 'hello'], { pooling: 'mean', normalize: true });
  return { dims: out.dims };
}
