core.register_service("holiday", "http", function(applet)
  local utf8words = utf8.char(0x2744)
  local body = "closed " .. utf8words .. " " .. require("words").greeting(nil) .. "\n"
  applet:set_status(200)
  applet:add_header("content-length", #body)
  applet:start_response()
  applet:send(body)
end)
