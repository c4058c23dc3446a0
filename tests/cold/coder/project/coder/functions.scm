(function_definition name: (identifier) @name)
