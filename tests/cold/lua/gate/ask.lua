return function()
  ngx.req.read_body()
  local asked = cjson.decode(ngx.req.get_body_data() or "")
  if not asked then ngx.status = 400; return ngx.say(cjson.encode({error = "not JSON"})) end
  local engine = os.getenv("GATE_ENGINE") or "echo"
  local ok, answer = pcall(function() return require("gate.engines." .. engine)(asked) end)
  if not ok then ngx.status = 500; ngx.log(ngx.ERR, answer); return ngx.say(cjson.encode({error = tostring(answer):match("^[^\n]*"):sub(1, 120)})) end
  ngx.say(cjson.encode({answer = answer}))
end
