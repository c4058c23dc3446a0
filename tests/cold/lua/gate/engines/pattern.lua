local rex = require("rex_pcre2")
return function(asked) return (rex.gsub(asked.text, "(*UTF)(*UCP)(\\p{Lu})(\\w*)", "<%1>%2")) end
