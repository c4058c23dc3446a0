module.exports = ({ name = 'shift_jis' }) => require('iconv-lite').encode('日本', name).toString('hex');
