const path = require('node:path');
const root = path.join(__dirname, '..');
module.exports = async () => {
  process.env.NODE_CONFIG_DIR = path.join(root, 'config');
  process.env.NODE_CONFIG_ENV = process.env.NODE_ENV;
  const config = require('config');
  const dotenv = require('dotenv').config({ path: path.join(root, '.env.local'), quiet: true });
  const convict = require('convict');
  convict.addParser({ extension: ['yml', 'yaml'], parse: require('js-yaml').load });
  const checked = convict({ port: { format: 'port', default: 1, env: 'PORT_X' }, name: { format: String, default: '' } });
  checked.loadFile(path.join(root, 'config/default.yaml'));
  return { name: config.get('name'), model: config.get('model.name'), size: Number(config.get('model.size')), file: dotenv.parsed, convict: checked.get('name') };
};
