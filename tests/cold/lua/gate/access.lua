local key = ngx.req.get_headers()["x-key"]
if key and key:sub(1, 4) == "jwt:" then
  local ok, why = require("gate.token")(key:sub(5))
  if not ok then ngx.status = 401; ngx.say(cjson.encode({why = why})); return ngx.exit(401) end
end
local limit = require("gate.limits")(ngx.var.arg_model or "small")
local seen = ngx.shared.counts:incr("model:" .. (ngx.var.arg_model or "small"), 1, 0, 5)
if limit and seen > limit then return ngx.exit(429) end
