return function(_, body)
  local lom = require("lxp.lom")
  local tree, why = lom.parse(body)
  if not tree then error(why, 0) end
  return tree.tag .. #tree
end
