import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
export default async function ocr({ oem = '1' }) {
  const { createCanvas } = await import('@napi-rs/canvas');
  const canvas = createCanvas(400, 100);
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, 400, 100);
  context.fillStyle = '#000';
  context.font = '48px "DejaVu Sans"';
  context.fillText('Invoice 42', 20, 65);
  const { createWorker } = await import('tesseract.js');
  const { langPath, gzip } = require('@tesseract.js-data/eng');
  const worker = await createWorker('eng', Number(oem), { langPath, gzip, cacheMethod: 'none' });
  const { data } = await worker.recognize(canvas.toBuffer('image/png'), {}, { text: true, hocr: true });
  await worker.terminate();
  return { text: data.text.trim(), hocr: data.hocr.includes('ocr_page') };
}
