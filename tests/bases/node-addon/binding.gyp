{ "targets": [{ "target_name": "triple", "sources": ["triple.c"] }] }
