import { createServer } from "node:http";

const page: string = "<p>rendered</p>";
createServer((_, response) => response.end(page)).listen(Number(process.env.PORT), process.env.HOSTNAME);
