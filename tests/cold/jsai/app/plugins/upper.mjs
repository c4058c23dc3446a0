export const apply = (text) => text.toUpperCase();
