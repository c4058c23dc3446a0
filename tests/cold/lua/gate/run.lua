return function(name)
  ngx.req.read_body()
  local ok, answer = pcall(function() return require("gate.tools." .. name)(ngx.req.get_uri_args(), ngx.req.get_body_data() or "") end)
  if not ok then ngx.status = 500 end
  ngx.say((tostring(answer):gsub("^%s+", ""):gsub("\n.*", "")))
end
