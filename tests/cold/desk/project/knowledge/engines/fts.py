"""Full text by SQLite."""

from django.db import connection

from knowledge.models import Article


class Engine:
    def build(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("CREATE VIRTUAL TABLE IF NOT EXISTS found USING fts5(title, text, tokenize='porter unicode61')")
            cursor.execute("DELETE FROM found")
            cursor.executemany("INSERT INTO found(rowid, title, text) VALUES (%s, %s, %s)", list(Article.objects.values_list("pk", "title", "text")))
        return Article.objects.count()

    def ask(self, question: str) -> list[str]:
        self.build()
        with connection.cursor() as cursor:
            cursor.execute("SELECT title, bm25(found), snippet(found, 1, '[', ']', '…', 4) FROM found WHERE found MATCH %s ORDER BY 2", [question])
            return [f"{title} {shown}" for title, _, shown in cursor.fetchall()]
