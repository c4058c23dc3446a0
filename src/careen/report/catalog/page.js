"use strict";
(() => {
  const input = document.getElementById("search");
  const said = document.getElementById("search-count");
  const entries = [...document.querySelectorAll("article")];
  const texts = entries.map((entry) => `${entry.textContent} ${entry.dataset.packages}`.toLowerCase());
  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    entries.forEach((entry, at) => {
      entry.hidden = !words.every((word) => texts[at].includes(word));
      shown += entry.hidden ? 0 : 1;
    });
    said.textContent = `${shown} of ${entries.length} entries shown`;
  };
  input.addEventListener("input", show);
  if (input.value) show(); // a browser may keep the text of a page that is loaded again
})();
