import { franc } from 'franc'; export const language = (text) => franc(text, { minLength: 3 }); 
