import { cosmiconfig } from 'cosmiconfig';
export default async function settings() {
  const found = await cosmiconfig('papers').search(new URL('../settings', import.meta.url).pathname);
  return `settings ${found.config.name}`;
}
