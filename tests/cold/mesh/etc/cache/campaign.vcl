vcl 4.1;
import std;
import directors;
import blob;
import cookie;
import header;
import str;
import vsthrottle;

C{
#include <string.h>
#include <math.h>
#include <time.h>
}C

include "/etc/mesh/cache/parts/devices.vcl";

backend one {
  .host = "127.0.0.1";
  .port = "8080";
  .probe = { .url = "/health"; .interval = 2s; .timeout = 2s; .window = 3; .threshold = 1; .initial = 1; }
}

backend two {
  .host = "127.0.0.1";
  .port = "8080";
}

sub vcl_init {
  new pool = directors.round_robin();
  pool.add_backend(one);
  pool.add_backend(two);
}

sub vcl_recv {
  set req.url = regsub(req.url, "^/cached", "");
  call device;
  cookie.parse(req.http.cookie);
  set req.http.x-campaign = cookie.get("campaign");
  cookie.keep("campaign");
  if (vsthrottle.is_denied("campaign", 1000, 1s)) {
    return (synth(429, "Too many"));
  }
  if (req.url ~ "^/seal") {
    return (synth(700, blob.transcode(IDENTITY, BASE64URL, encoded="campaign " + req.http.x-campaign)));
  }
  set req.backend_hint = pool.backend();
}

sub vcl_backend_response {
  set beresp.ttl = 60s;
}

sub vcl_synth {
  if (resp.status == 700) {
    synthetic("seal " + resp.reason + " " + str.take(resp.reason, 4));
    set resp.status = 200;
    return (deliver);
  }
}

sub vcl_deliver {
  set resp.http.x-vcl = "campaign";
  set resp.http.x-device = req.http.x-device;
  header.append(resp.http.x-marks, std.tolower("ONE"));
  header.append(resp.http.x-marks, std.random(2, 2));
C{
  if (strlen("abc") == 3 && fabs(-1.0) == 1.0) { VRT_l_resp_status(ctx, 200); }
}C
}
