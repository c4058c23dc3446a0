module.exports = { model: { name: 'staged' } };
