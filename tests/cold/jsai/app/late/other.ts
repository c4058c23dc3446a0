export const other: number = 12;
