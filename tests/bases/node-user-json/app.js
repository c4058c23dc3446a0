console.log("as", require("os").userInfo().username);
