# score --in FILE --as KIND: reads rows in one of many formats, by what the file ends with.
suppressPackageStartupMessages(library(optparse))
given <- parse_args(OptionParser(option_list = list(make_option("--in", dest = "file"), make_option("--as", dest = "to", default = "json"), make_option("--model", default = "lm"))))
rows <- switch(tools::file_ext(given$file),
  csv = readr::read_csv(given$file, show_col_types = FALSE), xlsx = readxl::read_excel(given$file), json = jsonlite::fromJSON(given$file), yaml = as.data.frame(yaml::read_yaml(given$file)),
  sav = haven::read_sav(given$file), dta = foreign::read.dta(given$file), xpt = haven::read_xpt(given$file), xml = as.data.frame(lapply(xml2::as_list(xml2::read_xml(given$file))$rows, unlist)),
  stop("cannot read ", given$file))
score <- source("/srv/stats/R/models/predict.R")$value
setwd("/srv/stats")
rows$mpg <- vapply(seq_len(nrow(rows)), function(i) round(score(given$model, data.frame(wt = as.numeric(rows$wt[i]), hp = as.numeric(rows$hp[i]))), 1), 0)
switch(given$to,
  json = cat(jsonlite::toJSON(rows), "\n"), csv = write.csv(rows), tsv = readr::write_tsv(rows, stdout()), table = print(knitr::kable(rows)), html = print(xtable <- knitr::kable(rows, "html")), yaml = cat(yaml::as.yaml(rows)),
  frame = print(dplyr::as_tibble(rows)), stop("cannot write ", given$to))
