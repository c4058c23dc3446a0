exports.word = 'loaded before all';
