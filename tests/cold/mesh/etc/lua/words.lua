local M = {}
local folder = "/etc/mesh/lua/words/"

function M.greeting(header)
  local wanted = ((header or {})[0] or "en"):sub(1, 2)
  local file = io.open(folder .. wanted .. ".txt") or io.open(folder .. "en.txt")
  local text = file:read("l")
  file:close()
  return text
end

return M
