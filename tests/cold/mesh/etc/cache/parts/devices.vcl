sub device {
  set req.http.x-device = "desk";
  if (req.http.user-agent ~ "(?i)mobile") {
    set req.http.x-device = "hand";
  }
}
