return function()
  local ssl = require("ngx.ssl")
  ngx.log(ngx.INFO, "asked for ", ssl.server_name() or "nobody", " over ", ssl.get_tls1_version_str())
end
