# What the service answers; most of it is sourced by name.
part <- function(kind, name) {
  file <- file.path("R", kind, paste0(gsub("\\W", "", name), ".R"))
  if (!file.exists(file)) stop("no ", kind, " ", name)
  source(file, local = new.env())$value
}

#* @get /health
#* @serializer text
function() "ok"

#* @get /predict
#* @serializer unboxedJSON
function(wt, hp, model = "lm") {
  predict_with <- part("models", "predict")
  round(predict_with(model, data.frame(wt = as.numeric(wt), hp = as.numeric(hp))), 2)
}

#* @get /report
#* @serializer text
function(req, kind) do.call(part("reports", kind), req$argsQuery[names(req$argsQuery) != "kind"])

#* @get /plot
function(res, to = "png") {
  res$setHeader("content-type", "application/octet-stream")
  res$body <- part("reports", "plot")(to)
  res
}

#* @get /page
#* @serializer html
function() "<p>a page</p>"

#* @post /rows
#* @parser csv
#* @parser json
#* @parser rds
#* @parser multi
#* @parser octet
#* @serializer csv
function(req) as.data.frame(req$body)

#* @get /frame
#* @serializer rds
function() head(mtcars, 2)

#* @get /boom
function() stop("as asked")
