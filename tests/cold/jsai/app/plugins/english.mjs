import { clean } from '@cold/text';
import { language } from '@cold/text/features/language';
export const apply = (text) => `${clean(text)} (${language(text)})`;
