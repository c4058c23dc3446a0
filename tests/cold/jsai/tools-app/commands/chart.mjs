export default async function chart() {
  const vega = await import('vega');
  const lite = await import('vega-lite');
  const { spec } = lite.compile({ data: { values: [{ a: 'x', b: 2 }, { a: 'y', b: 3 }] }, mark: 'bar', encoding: { x: { field: 'a', type: 'nominal' }, y: { field: 'b', type: 'quantitative' } } });
  const svg = await new vega.View(vega.parse(spec), { renderer: 'none' }).toSVG();
  return `${svg.slice(0, 4)} ${(svg.match(/aria-roledescription="bar"/g) ?? []).length} bars`;
}
