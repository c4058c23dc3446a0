-- what the proxy answers by itself; the rest is asked for when somebody asks
core.register_service("card", "http", function(applet)
  local words = require("words")
  local json = require("cjson")
  local body = json.encode({ greeting = words.greeting(applet.headers["accept-language"]), path = applet.path }) .. "\n"
  applet:set_status(200)
  applet:add_header("content-type", "application/json")
  applet:add_header("content-length", #body)
  applet:start_response()
  applet:send(body)
end)

core.register_action("sign", { "http-req" }, function(txn)
  local seal = require("seal")
  txn:set_var("txn.signature", seal.of(txn, txn.sf:path()))
end)
