const { username, uid, homedir } = require("os").userInfo();

console.log(username, uid, homedir);
