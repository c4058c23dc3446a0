import { readFile } from 'node:fs/promises';
import { makePdf } from '#lib/samples';
const faces = ['Courier', 'Courier-BoldOblique', 'Helvetica-Bold', 'Times-Italic', 'Symbol', 'ZapfDingbats'];
const font = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf';
export default async function make() {
  const sizes = [];
  for (const face of faces) sizes.push((await makePdf('hello', { face })).subarray(0, 5).toString());
  const { PDFDocument, StandardFonts } = await import('pdf-lib');
  const { default: fontkit } = await import('@pdf-lib/fontkit');
  const document = await PDFDocument.create();
  document.registerFontkit(fontkit);
  const page = document.addPage([200, 100]);
  page.drawText('grüße Привет', { font: await document.embedFont(await readFile(font), { subset: true }), size: 12, x: 5, y: 50 });
  page.drawText('times', { font: await document.embedFont(StandardFonts.TimesRomanBoldItalic), x: 5, y: 20 });
  const again = await PDFDocument.load(await document.save());
  const embedded = (await makePdf('Привет', { face: font, pdfVersion: '1.7', userPassword: 'x' })).includes('/Encrypt');
  return { sizes, pages: again.getPageCount(), embedded };
}
