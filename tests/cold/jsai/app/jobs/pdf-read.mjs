import path from 'node:path';
import { createRequire } from 'node:module';
import { makePdf } from '#lib/samples';
const require = createRequire(import.meta.url);
// a page whose text is in a font of the reader's own, written in one of the predefined CMaps of Japanese
function japanese() {
  const parts = ['%PDF-1.4\n'];
  const places = [];
  const add = (body) => { places.push(parts.join('').length); parts.push(`${places.length} 0 obj\n${body}\nendobj\n`); };
  add('<< /Type /Catalog /Pages 2 0 R >>');
  add('<< /Type /Pages /Kids [3 0 R] /Count 1 >>');
  add('<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>');
  const stream = 'BT /F1 20 Tf 10 40 Td <93FA967B8CEA> Tj ET';
  add(`<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`);
  add('<< /Type /Font /Subtype /Type0 /BaseFont /Ryumin-Light /Encoding /90ms-RKSJ-H /DescendantFonts [6 0 R] >>');
  add('<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Ryumin-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> /FontDescriptor 7 0 R >>');
  add('<< /Type /FontDescriptor /FontName /Ryumin-Light /Flags 4 /FontBBox [0 0 1000 1000] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>');
  const start = parts.join('').length;
  parts.push(`xref\n0 ${places.length + 1}\n0000000000 65535 f \n${places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('')}trailer\n<< /Size ${places.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`);
  return Buffer.from(parts.join(''), 'latin1');
}
export default async function read({ what = 'text' }) {
  const pdfjs = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const root = path.dirname(require.resolve('pdfjs-dist/package.json'));
  const data = new Uint8Array(what === 'japanese' ? japanese() : await makePdf('text of a page', { face: what === 'symbols' ? 'ZapfDingbats' : 'Times-Roman' }));
  const task = pdfjs.getDocument({ data, cMapUrl: `${root}/cmaps/`, cMapPacked: true, standardFontDataUrl: `${root}/standard_fonts/`, useSystemFonts: false, disableFontFace: true, verbosity: 1 });
  const page = await (await task.promise).getPage(1);
  const text = (await page.getTextContent()).items.map((item) => item.str).join('');
  if (what !== 'draw' && what !== 'symbols') return { text };
  const { createCanvas } = await import('@napi-rs/canvas');
  const viewport = page.getViewport({ scale: 0.5 });
  const canvas = createCanvas(viewport.width, viewport.height);
  const context = canvas.getContext('2d');
  await page.render({ canvasContext: context, viewport }).promise;
  const { data: pixels } = context.getImageData(0, 0, canvas.width, canvas.height);
  let dark = 0;
  for (let at = 0; at < pixels.length; at += 4) if (pixels[at] < 128) dark += 1;
  return { text, drawn: dark > 20, png: canvas.toBuffer('image/png').subarray(1, 4).toString() };
}
