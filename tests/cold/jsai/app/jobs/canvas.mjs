export default async function canvas() {
  const { createCanvas, GlobalFonts, loadImage } = await import('@napi-rs/canvas');
  const made = createCanvas(120, 40);
  const context = made.getContext('2d');
  context.font = '20px "DejaVu Sans"';
  context.fillText('hello', 5, 25);
  const kinds = [];
  for (const mime of ['image/png', 'image/jpeg', 'image/webp', 'image/avif']) kinds.push((await made.encode(mime.slice(6))).length > 50);
  const { data } = context.getImageData(0, 0, 120, 40);
  const { Resvg } = await import('@resvg/resvg-js');
  const svg = new Resvg('<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><text x="1" y="15" font-family="DejaVu Sans">abc</text></svg>', { font: { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans' } }).render();
  const image = await loadImage(svg.asPng());
  return { face: GlobalFonts.has('DejaVu Sans'), drawn: data.some((byte) => byte > 0), kinds, resvg: [image.width, svg.pixels.some((byte) => byte > 0)] };
}
