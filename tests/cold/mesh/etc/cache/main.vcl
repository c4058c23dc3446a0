vcl 4.1;
import std;

backend web {
  .host = "127.0.0.1";
  .port = "8080";
}

sub vcl_recv {
  set req.url = regsub(req.url, "^/cached", "");
  if (req.method == "PURGE") {
    return (purge);
  }
  if (req.method == "BAN") {
    ban("req.url ~ " + req.http.x-ban);
    return (synth(200, "Banned"));
  }
}

sub vcl_backend_response {
  set beresp.ttl = 60s;
  if (beresp.http.content-type ~ "text/html") {
    set beresp.do_esi = true;
  }
  if (beresp.http.content-type ~ "text/plain") {
    set beresp.do_gzip = true;
  }
}

sub vcl_deliver {
  set resp.http.x-cache = "miss";
  if (obj.hits > 0) {
    set resp.http.x-cache = "hit";
  }
  set resp.http.x-vcl = "main";
}

sub vcl_synth {
  set resp.http.content-type = "text/plain";
  synthetic("cache: " + resp.status + " " + resp.reason);
  return (deliver);
}
