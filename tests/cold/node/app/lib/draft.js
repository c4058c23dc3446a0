module.exports = () => { const Ajv = require('ajv/dist/2020'); return new Ajv().compile({ prefixItems: [{ type: 'number' }] })([1]); };
