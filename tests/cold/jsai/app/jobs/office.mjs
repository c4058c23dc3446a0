import { makeDocx } from '#lib/samples';
export default async function office() {
  const { default: mammoth } = await import('mammoth');
  const html = await mammoth.convertToHtml({ buffer: await makeDocx('a bold line') });
  const XLSX = await import('xlsx');
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet([['a', 'b'], [1, 2.5]]), 's');
  const kinds = {};
  for (const type of ['xlsx', 'xlsb', 'biff8', 'fods', 'csv']) kinds[type] = XLSX.utils.sheet_to_json(XLSX.read(XLSX.write(book, { type: 'buffer', bookType: type })).Sheets[type === 'csv' ? 'Sheet1' : 's'])[0];
  const excel = (await import('exceljs')).default;
  const workbook = new excel.Workbook();
  workbook.addWorksheet('a').addRow([1, 'two']);
  const again = new excel.Workbook();
  await again.xlsx.load(await workbook.xlsx.writeBuffer());
  return { html: html.value, kinds, cell: again.worksheets[0].getCell('B1').value };
}
