function(url) {
  ways <- list(
    curl = function() rawToChar(curl::curl_fetch_memory(url)$content),
    httr = function() httr::content(httr::GET(url), "text", encoding = "UTF-8"),
    url = function() readLines(url(url, method = "libcurl"), warn = FALSE),
    command = function() { f <- tempfile(); download.file(url, f, method = "curl", quiet = TRUE); readLines(f, warn = FALSE) },
    internal = function() readLines(socketConnection("127.0.0.1", 9, timeout = 1)))
  vapply(names(ways), function(way) tryCatch(paste(way, ways[[way]]()), error = function(e) paste(way, "cannot:", substr(conditionMessage(e), 1, 60))), "") |> paste(collapse = "\n")
}
