export default async function tokens({ encoding = 'o200k_base' }) {
  const tiktoken = await import('tiktoken');
  const { Tiktoken } = await import('tiktoken/lite');
  const { default: ranks } = await import(`tiktoken/encoders/${encoding}.json`, { with: { type: 'json' } });
  const lite = new Tiktoken(ranks.bpe_ranks, ranks.special_tokens, ranks.pat_str);
  const { Tiktoken: Plain } = await import('js-tiktoken/lite');
  const { default: plainRanks } = await import(`js-tiktoken/ranks/${encoding}`);
  const text = 'hello tokens, grüße';
  return [tiktoken.get_encoding(encoding).encode(text).length, lite.encode(text).length, new Plain(plainRanks).encode(text).length];
}
