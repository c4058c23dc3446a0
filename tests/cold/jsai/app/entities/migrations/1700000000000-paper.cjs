module.exports = class Paper1700000000000 {
  up(runner) { return runner.query('CREATE TABLE paper (id integer PRIMARY KEY AUTOINCREMENT, title varchar NOT NULL)'); }
  down(runner) { return runner.query('DROP TABLE paper'); }
};
