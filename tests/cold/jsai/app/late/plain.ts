export const plain = 1 as number; console.log(`stripped ${plain}`);
