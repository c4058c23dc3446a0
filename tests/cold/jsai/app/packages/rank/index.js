const MultiSet = require('mnemonist/multi-set');
const { words } = require('@cold/text');
exports.rank = (text) => MultiSet.from(words(text)).top(1)[0].join(':');
