exports.seed = (knex) => knex('papers').insert([{ title: 'seed one' }, { title: 'seed two' }]);
