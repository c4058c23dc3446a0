library(plumber)
settings <- yaml::read_yaml("settings.yml")
api <- pr("api.R")
pr_set_error(api, function(req, res, err) {
  res$status <- 500
  list(error = conditionMessage(err), calls = length(sys.calls()) > 0)
}) |> pr_run(host = settings$host, port = settings$port, docs = FALSE, quiet = TRUE)
