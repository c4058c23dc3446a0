import { other } from './other';
enum Kind { Plain = 'plain', Rich = 'rich' }
interface Paper { kind: Kind; pages?: number }
const paper: Paper = { kind: Kind.Rich, pages: other };
console.log(`typed ${paper.kind} ${paper.pages ?? 0}`);
