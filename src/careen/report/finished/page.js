"use strict";
// Everything that comes from the image is set as text, never as markup.
(async () => {
  const MOST = 200; // tiles, rows and matches that are shown at a time
  const byId = (id) => document.getElementById(id);
  const NAMES = JSON.parse(byId("evidence-names").textContent);

  const make = (tag, text, attributes = {}) => {
    const node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  };
  const size = (bytes) => {
    if (bytes < 1000) return `${bytes} B`;
    let unit = -1;
    do { bytes /= 1000; unit += 1; } while (bytes >= 999.5 && unit < 3);
    return `${bytes.toPrecision(3)} ${["kB", "MB", "GB", "TB"][unit]}`;
  };
  const count = (number) => number.toLocaleString("en");

  const filterRows = () => {
    const input = byId("finding-filter");
    if (!input) return;
    const rows = [...byId("finding-rows").rows];
    const said = byId("finding-count");
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const leftOut = said.textContent.split(";")[1];
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, at) => {
        row.hidden = !words.every((word) => texts[at].includes(word));
        shown += row.hidden ? 0 : 1;
      });
      said.textContent = `${count(shown)} of ${count(rows.length)} findings shown` + (leftOut ? `;${leftOut}` : "");
    });
  };
  filterRows();

  const unpacked = async () => {
    const raw = atob(byId("files").textContent.trim());
    const bytes = Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  };
  let data;
  try {
    data = await unpacked();
  } catch (error) {
    byId("explorer-state").textContent = "This browser cannot unpack the list of files: it has no DecompressionStream.";
    return;
  }
  const paths = new Array(data.rest.length);
  data.rest.forEach((rest, at) => { paths[at] = (at ? paths[at - 1] : "").slice(0, data.shared[at]) + rest; });
  const place = new Map(paths.map((path, at) => [path, at]));
  const lowered = paths.map((path) => path.toLowerCase());
  const packageName = (at) => {
    const row = data.packages[data.package[at]];
    return row ? `${row[0]} ${row[1]} (${row[2]})` : "files of no package";
  };

  // A node: its title, its files by number, its bytes by evidence.
  const nodeOf = (title, files, level) => {
    const bytes = [0, 0, 0, 0, 0];
    for (const at of files) bytes[+data.evidence[at]] += data.sizes[at];
    return { title, files, level, bytes, total: bytes.reduce((a, b) => a + b, 0) };
  };
  const grouped = (files, key) => {
    const groups = new Map();
    for (const at of files) {
      const name = key(at);
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(at);
    }
    return groups;
  };
  const prefixOf = (files) => {
    let prefix = paths[files[0]].slice(0, paths[files[0]].lastIndexOf("/") + 1);
    for (const at of files) while (!paths[at].startsWith(prefix)) prefix = prefix.slice(0, prefix.slice(0, -1).lastIndexOf("/") + 1);
    return prefix;
  };
  const children = (node) => {
    if (node.level === 0) {
      return [...grouped(node.files, (at) => packageName(at))].map(([title, files]) => nodeOf(title, files, 1));
    }
    const prefix = prefixOf(node.files);
    const names = grouped(node.files, (at) => paths[at].slice(prefix.length).split("/")[0]);
    return [...names].map(([name, files]) => nodeOf(prefix + name, files, 2));
  };

  // Squarified treemap (Bruls, Huizing, van Wijk 2000): rows are filled while the worst side ratio falls.
  const squarified = (nodes, width, height) => {
    const out = [];
    const total = nodes.reduce((sum, node) => sum + node.total, 0);
    let [x, y, w, h] = [0, 0, width, height];
    let left = nodes.map((node) => ({ node, area: node.total / total * width * height }));
    const worst = (row, side) => {
      const sum = row.reduce((all, item) => all + item.area, 0);
      return Math.max(...row.map((item) => Math.max(side * side * item.area / (sum * sum), sum * sum / (side * side * item.area))));
    };
    while (left.length) {
      const side = Math.min(w, h);
      let row = [left[0]];
      while (row.length < left.length && worst([...row, left[row.length]], side) <= worst(row, side)) row.push(left[row.length]);
      const depth = row.reduce((all, item) => all + item.area, 0) / side;
      let along = 0;
      for (const { node, area } of row) {
        const length = area / depth;
        out.push(w >= h ? { node, x, y: y + along, w: depth, h: length } : { node, x: x + along, y, w: length, h: depth });
        along += length;
      }
      if (w >= h) { x += depth; w -= depth; } else { y += depth; h -= depth; }
      left = left.slice(row.length);
    }
    return out;
  };
  const stripes = (node) => {
    let at = 0;
    const stops = node.bytes.map((bytes, kind) => {
      const from = at;
      at += node.total ? bytes / node.total * 100 : 0;
      return `var(--e${kind}) ${from.toFixed(2)}% ${at.toFixed(2)}%`;
    });
    return `linear-gradient(to right, ${stops.join(", ")})`;
  };
  const inWords = (node) => node.bytes
    .map((bytes, kind) => (bytes ? `${size(bytes)} ${NAMES[kind]}` : ""))
    .filter(Boolean).join(", ");

  const map = byId("map");
  const trail = byId("trail");
  const list = byId("tiles");
  const detail = byId("detail");
  let way = [nodeOf("the image", paths.map((_, at) => at), 0)];

  const showFile = (at) => {
    detail.replaceChildren(make("h3", paths[at]));
    detail.append(make("p", `${size(data.sizes[at])}, ${NAMES[+data.evidence[at]]}, of ${packageName(at)}`));
    const chain = make("ol", undefined, { class: "chain" });
    const seen = new Set();
    for (let next = at; next !== undefined && !seen.has(next);) {
      seen.add(next);
      const row = data.reasons[data.reason[next]];
      const item = make("li");
      const other = next === at ? undefined : make("button", paths[next], { type: "button", class: "plain mono" });
      if (other) { const target = next; other.addEventListener("click", () => showFile(target)); item.append(other, " "); }
      item.append(make("span", row ? `${row[0]}: ${row[1]}` : "the plan does not name it"));
      chain.append(item);
      next = row && row[2] ? place.get(row[2]) : undefined;
    }
    detail.append(make("p", data.evidence[at] === "4" ? "Why it was removed:" : "Why it stays, and what needs it in turn:"), chain);
    detail.hidden = false;
    detail.focus();
  };
  const enter = (node) => {
    if (node.files.length === 1) { showFile(node.files[0]); return; }
    way = [...way, node];
    draw();
    trail.lastChild.querySelector("span").focus();
  };
  const draw = () => {
    const here = way[way.length - 1];
    trail.replaceChildren(...way.map((node, at) => {
      const item = make("li");
      if (at === way.length - 1) item.append(make("span", node.title, { "aria-current": "location", tabindex: "-1" }));
      else {
        const back = make("button", node.title, { type: "button", class: "plain" });
        back.addEventListener("click", () => { way = way.slice(0, at + 1); draw(); });
        item.append(back, " › ");
      }
      return item;
    }));
    const all = children(here).sort((a, b) => b.total - a.total || (a.title < b.title ? -1 : 1));
    const some = all.slice(0, MOST);
    const visible = some.filter((node) => node.total > 0);
    const boxes = visible.length ? squarified(visible, map.clientWidth, map.clientHeight) : [];
    map.replaceChildren(...boxes.map((box) => {
      const tile = make("button", undefined, { type: "button", "aria-label": `${box.node.title}: ${size(box.node.total)}; ${inWords(box.node)}`, title: `${box.node.title}\n${size(box.node.total)}: ${inWords(box.node)}` });
      Object.assign(tile.style, { left: `${box.x}px`, top: `${box.y}px`, width: `${box.w}px`, height: `${box.h}px`, background: stripes(box.node) });
      if (box.w > 60 && box.h > 26) tile.append(make("span", box.node.title.split(" ")[0].split("/").pop(), { "aria-hidden": "true" }));
      tile.addEventListener("click", () => enter(box.node));
      return tile;
    }));
    list.replaceChildren(...some.map((node) => {
      const row = make("tr");
      const name = make("td");
      const button = make("button", node.title, { type: "button", class: "plain mono" });
      button.addEventListener("click", () => enter(node));
      name.append(button);
      row.append(name, make("td", size(node.total), { class: "number" }), make("td", count(node.files.length), { class: "number" }), make("td", inWords(node)));
      return row;
    }));
    byId("explorer-state").textContent = `${here.title}: ${size(here.total)} in ${count(here.files.length)} files`
      + (all.length > MOST ? `; the ${MOST} largest of ${count(all.length)} are shown` : "");
  };

  const search = byId("file-search");
  const matches = byId("matches");
  let waiting;
  const find = () => {
    const text = search.value.trim().toLowerCase();
    const found = [];
    let many = 0;
    if (text) {
      for (let at = 0; at < lowered.length; at += 1) {
        if (lowered[at].includes(text)) { many += 1; if (found.length < MOST) found.push(at); }
      }
    }
    byId("match-count").textContent = text ? `${count(many)} ${many === 1 ? "file matches" : "files match"}` + (many > MOST ? `; the first ${MOST} are shown` : "") : "";
    matches.replaceChildren(...found.map((at) => {
      const item = make("li");
      const button = make("button", paths[at], { type: "button", class: "plain mono" });
      button.addEventListener("click", () => showFile(at));
      item.append(button, make("span", ` ${size(data.sizes[at])}, ${NAMES[+data.evidence[at]]}`, { class: "soft" }));
      return item;
    }));
  };
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(find, 80); });
  byId("explorer-body").hidden = false;
  draw();
  let resized;
  addEventListener("resize", () => { clearTimeout(resized); resized = setTimeout(draw, 120); });
})();
