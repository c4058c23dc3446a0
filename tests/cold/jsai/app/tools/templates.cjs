// pages by the engine's name, as consolidate would load it
const path = require('node:path');
const fs = require('node:fs');
const views = path.join(__dirname, '..', 'views');
const ways = {
  ejs: (engine, file, data) => engine.renderFile(file, data),
  pug: (engine, file, data) => engine.renderFile(file, { ...data, filters: {} }),
  handlebars: (engine, file, data) => engine.compile(fs.readFileSync(file, 'utf8'))(data),
  eta: (engine, file, data) => new engine.Eta({ views: path.dirname(file) }).render('page', data),
};
module.exports = async ({ engine }) => {
  const file = path.join(views, engine, `page.${engine}`);
  return ways[engine](require(engine), file, { title: 'a & b', items: ['x', 'y'] });
};
