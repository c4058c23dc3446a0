const http = require("http");

const server = http.createServer((_, answer) => answer.end(JSON.stringify({ mode: process.env.NODE_ENV })));
server.listen(8080, "127.0.0.1", () =>
  http.get("http://127.0.0.1:8080/", (answer) => {
    answer.on("data", (data) => console.log(data.toString()));
    answer.on("end", () => server.close());
  }),
);
