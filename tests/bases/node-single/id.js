const { nanoid } = require("nanoid");

console.log("id", nanoid(8).length);
