return function()
  local made = require("resty.lrucache").new(2)
  for n = 1, 3 do made:set(n, n * n) end
  local other = require("resty.lrucache.pureffi").new(2)
  other:set("a", 1)
  return tostring(made:get(1)) .. made:get(3) .. other:get("a")
end
