"""What compiled code names: modules, arguments, tables, texts."""
