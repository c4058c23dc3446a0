export default async function work() {
  const { Jimp, loadFont, HorizontalAlign } = await import('jimp');
  const fonts = await import('jimp/fonts');
  const image = new Jimp({ width: 120, height: 40, color: 0xffffffff });
  image.print({ font: await loadFont(fonts.SANS_16_BLACK), x: 0, y: 0, text: { text: 'hello', alignmentX: HorizontalAlign.CENTER }, maxWidth: 120 });
  const dark = image.bitmap.data.filter((byte) => byte < 64).length;
  const kinds = {};
  for (const mime of ['image/png', 'image/jpeg', 'image/bmp', 'image/gif', 'image/tiff']) kinds[mime] = (await Jimp.read(await image.blur(1).getBuffer(mime))).width;
  return { text: dark > 20, kinds };
}
