export const describe = (id) => `paper number ${id}`;
