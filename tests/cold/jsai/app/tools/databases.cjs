const path = require('node:path');
const root = path.join(__dirname, '..');
const tools = {
  async sqlite() {
    const Database = require('better-sqlite3');
    const database = new Database(':memory:');
    require('sqlite-vec').load(database);
    database.exec('CREATE VIRTUAL TABLE v USING vec0(e float[2]); CREATE VIRTUAL TABLE f USING fts5(t)');
    const add = database.prepare('INSERT INTO v(rowid, e) VALUES (?, ?)');
    for (const [id, x] of [[1n, 0], [2n, 5]]) add.run(id, new Float32Array([x, x]));
    database.prepare('INSERT INTO f VALUES (?)').run('some words');
    return { near: database.prepare('SELECT rowid FROM v WHERE e MATCH ? ORDER BY distance LIMIT 1').get(new Float32Array([4, 4])).rowid, fts: database.prepare("SELECT count(*) n FROM f WHERE f MATCH 'words'").get().n };
  },
  async inside() {
    const { DatabaseSync } = require('node:sqlite');
    const database = new DatabaseSync(':memory:');
    database.exec('CREATE TABLE a(x)');
    database.prepare('INSERT INTO a VALUES (?)').run(3);
    const initSqlJs = require('sql.js');
    const SQL = await initSqlJs();
    return { inside: database.prepare('SELECT x FROM a').get().x, wasm: new SQL.Database().exec('SELECT 6*7')[0].values[0][0] };
  },
  async knex() {
    const knex = require('knex')({ ...require('../knexfile.cjs'), connection: { filename: ':memory:' }, pool: { min: 1, max: 1 } });
    await knex.migrate.latest();
    await knex.seed.run();
    const rows = await knex('papers').where('title', 'like', '%seed%').select();
    const sql = {};
    for (const client of ['pg', 'mysql2', 'mssql', 'oracledb', 'cockroachdb', 'sqlite3']) {
      try { sql[client] = require('knex')({ client }).from('a').whereJsonPath?.('b', '$.c', '=', 1).limit(2).toString(); } catch (error) { sql[client] = error.message.split('\n')[0].slice(0, 60); }
    }
    await knex.destroy();
    return { rows: rows.length, sql };
  },
  async typeorm() {
    const { DataSource } = require('typeorm');
    const source = await new DataSource({ type: 'better-sqlite3', database: ':memory:', entities: [path.join(root, 'entities/*.cjs')], migrations: [path.join(root, 'entities/migrations/*.cjs')], migrationsRun: true }).initialize();
    const papers = source.getRepository('Paper');
    await papers.save({ title: 'one' });
    const missing = (() => { try { return typeof new DataSource({ type: 'oracle' }); } catch (error) { return error.message.slice(0, 60); } })();
    return { count: await papers.createQueryBuilder('p').where('p.title = :t', { t: 'one' }).getCount(), missing };
  },
  async drizzle() {
    const { drizzle } = require('drizzle-orm/better-sqlite3');
    const { migrate } = require('drizzle-orm/better-sqlite3/migrator');
    const { sqliteTable, integer, text } = require('drizzle-orm/sqlite-core');
    const Database = require('better-sqlite3');
    const database = drizzle(new Database(':memory:'));
    migrate(database, { migrationsFolder: path.join(root, 'drizzle') });
    const notes = sqliteTable('notes', { id: integer('id').primaryKey(), body: text('body') });
    database.insert(notes).values({ body: 'x' }).run();
    return database.select().from(notes).all();
  },
  async remote() {
    const { Client } = require('pg');
    const pg = await new Client({ host: '127.0.0.1', port: 9, user: 'x' }).connect().then(() => 'there', (error) => error.code);
    const mysql = await require('mysql2/promise').createConnection({ host: '127.0.0.1', port: 9 }).then(() => 'there', (error) => error.code);
    const { Kafka, logLevel, CompressionTypes, CompressionCodecs } = require('kafkajs');
    const kafka = await new Kafka({ brokers: ['127.0.0.1:9'], logLevel: logLevel.NOTHING, retry: { retries: 0 } }).admin().connect().then(() => 'there', (error) => error.name);
    const gzip = (await CompressionCodecs[CompressionTypes.GZIP]().compress({ buffer: Buffer.from('a') })).length > 5;
    const native = (() => { try { return typeof require('pg').native; } catch (error) { return error.code; } })();
    const { S3Client, ListBucketsCommand } = require('@aws-sdk/client-s3');
    const s3 = (options) => new S3Client({ region: 'eu-central-1', maxAttempts: 1, ...options }).send(new ListBucketsCommand({})).then(() => 'there', (error) => error.code ?? error.name);
    process.env.AWS_EC2_METADATA_DISABLED = 'true';
    process.env.HOME = '/nonexistent';
    return { pg, mysql, kafka, gzip, native, s3: [await s3({ endpoint: 'http://127.0.0.1:9', credentials: { accessKeyId: 'x', secretAccessKey: 'y' } }), await s3({})] };
  },
  async vectors() {
    const { HierarchicalNSW } = require('hnswlib-node');
    const index = new HierarchicalNSW('l2', 2);
    index.initIndex(10);
    for (let n = 0; n < 5; n += 1) index.addPoint([n, n], n);
    const { ClassicLevel } = require('classic-level');
    const level = new ClassicLevel('/tmp/level', { valueEncoding: 'json' });
    await level.put('a', { b: 1 });
    const found = await level.get('a');
    await level.close();
    return { near: index.searchKnn([3, 3], 1).neighbors, level: found };
  },
};
module.exports = ({ what }) => tools[what]();
