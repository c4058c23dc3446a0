return function(args)
  local driver = require("luasql.sqlite3")
  local env = driver.sqlite3()
  local db = assert(env:connect(args.at or "/tmp/gate.db"))
  assert(db:execute("create table if not exists t (a)"))
  assert(db:execute("insert into t values ('" .. db:escape(args.value or "x") .. "')"))
  local cursor = assert(db:execute("select count(*) n, sqlite_version() > '3' v from t"))
  local row = cursor:fetch({}, "a")
  cursor:close(); db:close(); env:close()
  return row.n .. "," .. row.v
end
