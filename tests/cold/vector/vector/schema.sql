create virtual table if not exists words using fts5(name, body, tokenize = 'porter unicode61');
