import { removeStopwords, eng } from 'stopword';
export const kind = 'module';
export const clean = (text) => removeStopwords(text.split(' '), eng).join(' ');
