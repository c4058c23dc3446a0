exports.up = (knex) => knex.schema.alterTable('papers', (table) => { table.integer('pages').defaultTo(1); });
exports.down = (knex) => knex.schema.alterTable('papers', (table) => table.dropColumn('pages'));
