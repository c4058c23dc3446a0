return function(args, body)
  local found = {markdown = function() return require("markdown")(body) end, inspect = function() return require("inspect")({1, {body}}, {newline = " ", indent = ""}) end,
    pretty = function() return require("pl.pretty").write({body, 2}, "") end, template = function() return require("pl.template").substitute("$(word)!", {word = body}) end,
    date = function() return tostring(require("pl.Date")(0):year()) end, strings = function() return require("pl.stringx").center(body, 9, "*") end,
    lpeg_re = function() return require("re").match(body, "{[a-z]+}") end, uri = function() return require("uri"):new("http://a/b?c"):host() end,
    data = function() return require("pl.data").read("a,b\n1,2\n").fieldnames[2] or "none" end, xml = function() return require("pl.xml").parse("<a>" .. body .. "</a>"):get_text() end,
    lfs = function() return require("lfs").attributes("/etc/gate", "mode") end, lapp = function() return require("pl.lapp")("  -n (default 3)  n\n", {}).n end,
    posix = function() return require("posix.unistd").getpid() > 0 and require("posix").version:sub(1, 5) end, strict = function() require("pl.strict"); return "strict" end,
    sax = function() return require("pl.sip").match("$v{a}=$d{b}", "x=3", {}) end, luacov = function() return require("luacov") end}
  return found[args.how]()
end
