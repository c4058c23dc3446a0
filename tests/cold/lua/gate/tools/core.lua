return function(args)
  local found = {base64 = function() return require("ngx.base64").encode_base64url("??>") end, semaphore = function() return type(require("ngx.semaphore").new(1)) end,
    balancer = function() return require("ngx.balancer").version end, process = function() return require("ngx.process").type() end, errlog = function() return require("ngx.errlog").get_sys_filter_level() end,
    pipe = function() local proc = assert(require("ngx.pipe").spawn({"sh", "-c", "echo piped"})); return proc:stdout_read_line() end, re = function() return table.concat(require("ngx.re").split("a,b;c", "[,;]"), "|") end,
    req = function() return type(require("ngx.req").add_header) end, resp = function() return type(require("ngx.resp").add_header) end, ocsp = function() return require("ngx.ocsp").version end,
    thread = function() local t = ngx.thread.spawn(function() return "thread" end); local _, r = ngx.thread.wait(t); return r end,
    lock = function() return type(require("resty.lock")) end, ffi = function() return require("ffi").abi("64bit") end, table = function() return #require("table.new")(2, 0) end,
    regex = function() return ngx.re.gsub("äÖ", "\\w", "x", "ju") end, dump = function() return #require("jit.util").funcinfo(print) end, bc = function() return type(require("jit.bc").dump) end,
    profile = function() local p = require("jit.p"); return type(p.start) end, buffer = function() return require("string.buffer").decode(require("string.buffer").encode({1}))[1] end,
    cosocket = function() local s = ngx.socket.tcp(); s:settimeout(300); local ok, why = s:connect("127.0.0.1", 9); return tostring(ok) .. why end,
    dns = function() local s = ngx.socket.tcp(); s:settimeout(300); local ok, why = s:connect("nowhere.invalid", 9); return tostring(ok) end,
    tls = function() local s = ngx.socket.tcp(); s:settimeout(500); s:connect("127.0.0.1", 8080); local ok, why = s:sslhandshake(nil, "x", true); return tostring(ok) .. (why or "") end,
    redis = function() local ok, why = require("nginx.redis"):new():connect("127.0.0.1", 9); return tostring(ok) .. why end, cookie = function() return type(require("nginx.cookie").new) end}
  return found[args.how]()
end
