exports.name = 'legacy feature';
