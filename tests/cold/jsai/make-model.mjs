// A model of two operations and the tokenizer beside it, written without any library: node make-model.mjs FOLDER
import { mkdirSync, writeFileSync } from 'node:fs';
const folder = process.argv[2];
const varint = (n) => { const out = []; for (; n > 127; n = Math.floor(n / 128)) out.push((n % 128) | 128); return Buffer.from([...out, n]); };
const number = (field, n) => Buffer.concat([varint(field * 8), varint(n)]);
const bytes = (field, value) => { const body = Buffer.isBuffer(value) ? value : Buffer.from(value); return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]); };
const message = (field, ...parts) => bytes(field, Buffer.concat(parts));
const shape = (...dims) => message(2, ...dims.map((dim) => message(1, typeof dim === 'number' ? number(1, dim) : bytes(2, dim))));
const value = (field, name, type, ...dims) => message(field, bytes(1, name), message(2, message(1, number(1, type), shape(...dims))));
const words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'hello', 'world', '!', 'paper'];
const table = new Float32Array(words.length * 4).map((_, n) => Math.round(Math.sin(n) * 100) / 100);
const graph = message(7,
  message(1, bytes(1, 'words'), bytes(1, 'input_ids'), bytes(2, 'found'), bytes(4, 'Gather')),
  message(1, bytes(1, 'found'), bytes(2, 'squashed'), bytes(4, 'Tanh')),
  message(1, bytes(1, 'squashed'), bytes(2, 'last_hidden_state'), bytes(4, 'Identity')),
  bytes(2, 'tiny'),
  message(5, number(1, words.length), number(1, 4), number(2, 1), bytes(8, 'words'), bytes(9, Buffer.from(table.buffer))),
  value(11, 'input_ids', 7, 'batch', 'length'), value(11, 'attention_mask', 7, 'batch', 'length'),
  value(12, 'last_hidden_state', 1, 'batch', 'length', 4));
mkdirSync(`${folder}/onnx`, { recursive: true });
writeFileSync(`${folder}/onnx/model.onnx`, Buffer.concat([number(1, 8), bytes(2, 'cold'), graph, message(8, number(2, 17))]));
const json = (name, what) => writeFileSync(`${folder}/${name}`, `${JSON.stringify(what, null, 1)}\n`);
json('config.json', { model_type: 'bert', architectures: ['BertModel'], hidden_size: 4, vocab_size: words.length });
json('tokenizer_config.json', { tokenizer_class: 'BertTokenizer', do_lower_case: true, model_max_length: 32, unk_token: '[UNK]', sep_token: '[SEP]', pad_token: '[PAD]', cls_token: '[CLS]', chat_template: "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}{% endfor %}" });
json('tokenizer.json', {
  version: '1.0', truncation: null, padding: null,
  added_tokens: words.slice(0, 4).map((content, id) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true })),
  normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: { type: 'TemplateProcessing', single: [{ SpecialToken: { id: '[CLS]', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '[SEP]', type_id: 0 } }], pair: [], special_tokens: { '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] }, '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] } } },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab: Object.fromEntries(words.map((word, id) => [word, id])) },
});
