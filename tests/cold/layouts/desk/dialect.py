"""A dialect of one's own."""

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite


class Counted(SQLiteDialect_pysqlite):
    count = 0
    supports_statement_cache = True

    def do_execute(self, cursor, statement, parameters, context=None):
        self.count += 1
        return super().do_execute(cursor, statement, parameters, context)
