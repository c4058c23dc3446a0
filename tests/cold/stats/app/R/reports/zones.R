function(zone = "Asia/Kathmandu") {
  at <- as.POSIXct(0, origin = "1970-01-01", tz = "UTC")
  paste(format(at, tz = zone, usetz = TRUE), lubridate::with_tz(at, zone), zone %in% OlsonNames(), lubridate::dmy("3 Feb 2001"), Sys.timezone(), strftime(at, "%A", tz = "UTC"), length(OlsonNames()) > 400)
}
