import { createHash } from 'node:crypto';
export default function digest(text) { return createHash('sha256').update(text).digest('hex').slice(0, 8); }
export function length(text) { return text.length; }
