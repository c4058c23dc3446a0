const { rank } = require('@cold/rank');
exports.apply = (text) => rank(text);
