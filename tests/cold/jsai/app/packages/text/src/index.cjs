exports.kind = 'commonjs'; exports.words = (text) => text.split(' ');
