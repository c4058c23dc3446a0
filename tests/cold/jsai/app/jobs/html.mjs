import http from 'node:http';
export default async function html({ what = 'read' }) {
  const { JSDOM, VirtualConsole } = await import('jsdom');
  if (what === 'scripts') {
    const server = http.createServer((request, response) => response.end('from a server'));
    const url = await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}/`)));
    const dom = new JSDOM('<style>b { color: red }</style><b>x</b><canvas></canvas>', { url, runScripts: 'outside-only', pretendToBeVisual: true, virtualConsole: new VirtualConsole() });
    const answer = await new Promise((resolve) => { const xhr = new dom.window.XMLHttpRequest(); xhr.open('GET', url); xhr.onload = () => resolve(xhr.responseText); xhr.send(); });
    const color = dom.window.getComputedStyle(dom.window.document.querySelector('b')).color;
    const sum = dom.window.eval('[1,2].reduce((a, b) => a + b)');
    server.close();
    return { answer, color, sum };
  }
  const page = '<html><head><title>T</title></head><body><nav>menu</nav><article><h1>Head</h1><p>' + 'long text, with commas, and words. '.repeat(30) + '</p></article></body></html>';
  const { Readability } = await import('@mozilla/readability');
  const { load } = await import('cheerio');
  const { default: Turndown } = await import('turndown');
  const article = new Readability(new JSDOM(page, { url: 'http://x/' }).window.document).parse();
  return { title: article.title, cheerio: load(page)('h1').text(), markdown: new Turndown().turndown('<h1>a</h1><p><b>b</b></p>') };
}
