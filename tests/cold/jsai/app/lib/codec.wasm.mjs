export async function add(a, b) { return `wasm condition: ${a + b}`; }
