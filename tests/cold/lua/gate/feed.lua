return function()
  local server = require("nginx.websocket.server")
  local socket, why = server:new({timeout = 5000})
  if not socket then ngx.status = 400; return ngx.say(why) end
  local data = socket:recv_frame()
  socket:send_text((data or ""):reverse())
  socket:send_close()
end
