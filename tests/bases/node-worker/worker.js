const { Worker, isMainThread, parentPort } = require("worker_threads");

if (isMainThread) {
  new Worker(__filename).on("message", (text) => {
    console.log(text, new Date(0).toLocaleTimeString("de-DE", { hour: "2-digit", minute: "2-digit" }));
  });
} else {
  parentPort.postMessage("zwei");
}
