return function(args, body)
  local made = require(({cjson = "cjson", safe = "cjson.safe", dkjson = "dkjson", json = "json", util = "cjson.util"})[args.by] or args.by)
  return (made.encode or made.serialise_value)((made.decode or function(x) return x end)(body))
end
