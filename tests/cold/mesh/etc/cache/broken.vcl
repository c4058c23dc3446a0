vcl 4.1;
import nothing_such;
backend web { .host = "127.0.0.1"; }
sub vcl_recv { set req.nonsense = 1; }
