return function(args, body)
  local found = {hex = function() return require("nginx.string").to_hex(body) end, md5 = function() return ngx.md5(body) end,
    sha512 = function() local sha = require("nginx.sha512"):new(); sha:update(body); return require("nginx.string").to_hex(sha:final()) end,
    aes = function() local aes = require("nginx.aes"); local made = aes:new("key", nil, aes.cipher(256, "cbc"), aes.hash.sha256, 3); return made:decrypt(made:encrypt(body)) end,
    random = function() return #require("nginx.random").bytes(8, true) end,
    digest = function() return #require("openssl.digest").new("sha3-256"):final(body) end,
    key = function() local pkey = require("openssl.pkey"); return tostring(pkey.new({type = "EC", curve = "prime256v1"}):toPEM("public")):sub(1, 26) end,
    b32 = function() return require("basexx").to_base32(body) end,
    zlib = function() local zlib = require("zlib"); return (zlib.inflate()(zlib.deflate()(body, "finish"))) end,
    pack = function() local pack = require("MessagePack"); return pack.unpack(pack.pack({body}))[1] end,
    iconv = function() return #require("iconv").new("utf-16", "utf-8"):iconv(body) end,
    legacy = function() local crypto = require("openssl.cipher"); return #crypto.new("bf-cbc"):encrypt("0123456789abcdef", "01234567"):final(body) end,
    compat = function() return require("compat53.module") ~= nil end}
  return found[args.how]()
end
