return function(asked) return asked.text end
