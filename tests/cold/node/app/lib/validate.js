const Ajv = require('ajv');
module.exports = ({ mail }) => { const ajv = new Ajv({ allErrors: true }); require('ajv-formats')(ajv); const check = ajv.compile({ type: 'string', format: 'email' }); return check(mail || 'a@b.example') || ajv.errorsText(check.errors); };
