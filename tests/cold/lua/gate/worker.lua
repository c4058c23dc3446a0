-- The worker: batches of questions, in Lua 5.4 with the same modules' other builds.
return function(arg)
  local parser = require("argparse")("gate work", "Works through batches.")
  parser:command_target("command")
  local batch = parser:command("batch")
  batch:argument("file")
  batch:option("--as", "The notation", "json"):choices({"json", "yaml", "csv", "lua"})
  parser:command("tls"):argument("where")
  parser:command("files"):argument("where")
  parser:command("log"):argument("to")
  parser:command("modules"):argument("names"):args("*")
  parser:add_complete()
  local given = parser:parse(arg)
  if given.command == "batch" then
    local file = assert(io.open(given.file))
    local rows = {} -- lists: the order of a table's keys differs from run to run
    for line in file:lines() do rows[#rows + 1] = {line, utf8.len(line)} end
    local write = {json = function() return require("cjson").encode(#rows) end, yaml = function() return require("lyaml").dump({rows}) end, csv = function() return #require("pl.data").new({{1, 2}}, {"a", "b"}) end, lua = function() return require("pl.pretty").write(rows, "") end}
    print(write[given.as]())
  elseif given.command == "tls" then
    local https = require("ssl.https")
    local body, code = https.request(given.where)
    print(body, code)
  elseif given.command == "files" then
    local path = require("pl.path")
    for root, _, files in require("pl.dir").walk(given.where) do print(path.basename(root), #files) end
  elseif given.command == "log" then
    local logger = require("logging." .. given.to)
    print(type(logger))
  else
    for _, name in ipairs(given.names) do
      local ok, found = pcall(require, name)
      print(name, ok and type(found) or "none")
    end
  end
end
