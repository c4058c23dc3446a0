function(to = "html_document") {
  file <- tempfile(fileext = ".Rmd")
  writeLines(c("---", "title: A page", "---", "", "```{r echo=TRUE}", "summary(cars$speed)", "knitr::kable(head(cars, 2))", "plot(cars)", "```", "", "$x^2$ and `r 1 + 1`"), file)
  out <- rmarkdown::render(file, output_format = to, quiet = TRUE)
  paste(tools::file_ext(out), file.size(out) > 200)
}
