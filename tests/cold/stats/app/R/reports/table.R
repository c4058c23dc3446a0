function(...) {
  library(data.table)
  cars <- as.data.table(mtcars, keep.rownames = "name")
  file <- tempfile(fileext = ".csv.gz")
  fwrite(cars, file)
  again <- fread(cmd = paste("gzip -dc", file))
  wide <- dplyr::summarise(dplyr::group_by(again, cyl), mpg = mean(mpg)) |> tidyr::pivot_wider(names_from = cyl, values_from = mpg)
  sqlite <- DBI::dbConnect(RSQLite::SQLite(), ":memory:")
  DBI::dbWriteTable(sqlite, "cars", as.data.frame(cars))
  n <- DBI::dbGetQuery(sqlite, "select count(*) n, sqrt(4) r from cars")
  paste(ncol(wide), nrow(again), n$n, n$r, format(object.size(1:10), units = "auto"))
}
