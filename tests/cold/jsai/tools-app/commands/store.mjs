import { open } from 'lmdb';
export default async function store() {
  const database = open({ path: '/tmp/store.lmdb', compression: true });
  await database.put('a', { list: [1, 2, new Date(0)], text: 'x'.repeat(3000) });
  const { list } = database.get('a');
  await database.close();
  return `kept ${list.length}`;
}
