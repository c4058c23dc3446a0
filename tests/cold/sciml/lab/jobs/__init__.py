"""Jobs: a module each, asked for by name. Each public function of it is a part, which returns what is to be told."""
