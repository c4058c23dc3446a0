exports.up = (knex) => knex.schema.createTable('papers', (table) => { table.increments(); table.string('title'); });
exports.down = (knex) => knex.schema.dropTable('papers');
