return function(token)
  local resty = require("nginx.string")
  local hmac = require("openssl.hmac")
  local basexx = require("basexx")
  local head, body, sign = token:match("^([^.]+)%.([^.]+)%.([^.]+)$")
  if not head then return nil, "no token" end
  local made = hmac.new("secret", "sha256"):final(head .. "." .. body)
  if basexx.to_url64(made) ~= sign then return nil, "not signed: " .. #resty.to_hex(made) end
  return cjson.decode(basexx.from_url64(body)) ~= nil, "no body"
end
