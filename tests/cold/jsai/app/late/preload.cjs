globalThis.preloaded = require('./preload-more.cjs').word;
