local M = {}

function M.word(word)
  local json = require("cjson")
  local bit = require("bit")
  local ffi = require("ffi")
  ffi.cdef("int getpid(void);")
  return json.encode({ word = word, mask = bit.bor(1, 6), alive = ffi.C.getpid() > 0 })
end

return M
