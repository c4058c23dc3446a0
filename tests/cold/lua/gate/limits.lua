return function(model)
  if model == "small" then return nil end
  local yaml = require("lyaml")
  local file = assert(io.open("/etc/gate/gate.yaml"))
  local given = yaml.load(file:read("*a"))
  file:close()
  return (given.models[model] or {limit = 0}).limit
end
