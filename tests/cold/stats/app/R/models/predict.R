function(name, row) {
  file <- file.path("fitted", paste0(name, ".rds"))
  if (!file.exists(file)) stop("no model ", name)
  model <- readRDS(file)
  for (package in attr(class(model), "package")) loadNamespace(package)
  needs <- c(gam = "mgcv", net = "nnet", tree = "rpart", forest = "randomForest", ranger = "ranger", lasso = "glmnet", cox = "survival", robust = "MASS")
  if (name %in% names(needs)) loadNamespace(needs[[name]])
  switch(name,
    lasso = unname(predict(model, as.matrix(row), s = 0.1)[1, 1]),
    ranger = predict(model, row)$predictions,
    mixed = unname(predict(model, cbind(row, cyl = 4))),
    cox = unname(predict(model, data.frame(age = 60), type = "risk")),
    glm = unname(predict(model, row, type = "response")),
    unname(predict(model, row)[[1]]))
}
