const { EntitySchema } = require('typeorm');
module.exports = new EntitySchema({ name: 'Paper', tableName: 'paper', columns: { id: { primary: true, type: 'int', generated: true }, title: { type: 'varchar' } } });
