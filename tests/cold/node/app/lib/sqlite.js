module.exports = () => new (require('better-sqlite3'))(':memory:').prepare('select upper(?) as up').get('x').up;
