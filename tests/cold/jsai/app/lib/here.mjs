import { fileURLToPath } from 'node:url';
export const file = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
