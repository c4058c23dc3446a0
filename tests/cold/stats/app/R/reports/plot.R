function(to) {
  file <- tempfile(fileext = paste0(".", to))
  on.exit(unlink(file))
  draw <- function() {
    plot(mtcars$wt, mtcars$mpg, main = "Größe", xlab = expression(alpha^2 + sqrt(x)))
    text(3, 20, "italic", font = 3)
  }
  switch(to,
    png = png(file), jpeg = jpeg(file), tiff = tiff(file), bmp = bmp(file), svg = svg(file), pdf = pdf(file), ps = postscript(file, family = "Helvetica"),
    cairo = cairo_pdf(file), eps = cairo_ps(file), svglite = svglite::svglite(file), ragg = ragg::agg_png(file), embedded = pdf(file, family = "Times"),
    ggplot = { print(ggplot2::ggsave(file, ggplot2::qplot(wt, mpg, data = mtcars, geom = c("point", "smooth")), device = "png", width = 3, height = 3)); return(readBin(file, "raw", 8)) },
    lattice = { pdf(file); print(lattice::xyplot(mpg ~ wt | factor(cyl), mtcars)) },
    stop("no device ", to))
  draw()
  dev.off()
  if (to == "embedded") embedFonts(file, format = "pdfwrite")
  head(readBin(file, "raw", 1e6), 8)
}
