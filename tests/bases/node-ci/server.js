const express = require("express");

express()
  .get("/", (request, response) => response.send("express says hello"))
  .listen(3000);
