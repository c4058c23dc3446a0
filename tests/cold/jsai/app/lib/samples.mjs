// Documents that the jobs work on.
export async function makePdf(text, options = {}) {
  const { default: PDF } = await import('pdfkit');
  const document = new PDF({ ...options });
  const chunks = [];
  document.on('data', (chunk) => chunks.push(chunk));
  const done = new Promise((resolve) => document.on('end', resolve));
  document.font(options.face ?? 'Helvetica').fontSize(24).text(text);
  document.end();
  await done;
  return Buffer.concat(chunks);
}
export async function makeDocx(text) {
  const { Document, Packer, Paragraph, TextRun } = await import('docx');
  return Packer.toBuffer(new Document({ sections: [{ children: [new Paragraph({ children: [new TextRun({ text, bold: true })] })] }] }));
}
