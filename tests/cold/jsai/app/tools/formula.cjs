module.exports = async () => {
  const katex = require('katex');
  require('katex/contrib/mhchem');
  const MathJax = await require('mathjax').init({ loader: { load: ['input/tex', 'output/svg', '[tex]/physics'] }, tex: { packages: { '[+]': ['physics'] } } });
  const svg = MathJax.startup.adaptor.outerHTML(MathJax.tex2svg('\\dv{x}{y}'));
  return { katex: katex.renderToString('\\ce{H2O} + \\frac{1}{2}').includes('katex'), mathjax: svg.includes('<svg') && !svg.includes('merror') };
};
