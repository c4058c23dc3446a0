import symtable

CALLED = symtable.symtable("a = 1", "x", "exec").get_type().upper() and "hooked"
