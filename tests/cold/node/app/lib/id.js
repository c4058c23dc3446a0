module.exports = async () => (await import('nanoid')).nanoid().length;
