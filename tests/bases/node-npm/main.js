console.log(require("greeter")("node"), require("greeter/package.json").version);
