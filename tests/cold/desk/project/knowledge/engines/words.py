"""TF-IDF by scikit-learn."""

from knowledge.models import Article


class Engine:
    def ask(self, question: str) -> list[str]:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.neighbors import NearestNeighbors

        articles = list(Article.objects.order_by("pk"))
        vectorizer = TfidfVectorizer(ngram_range=(1, 2))
        matrix = vectorizer.fit_transform([article.text for article in articles])
        _, found = NearestNeighbors(n_neighbors=1, metric="cosine").fit(matrix).kneighbors(vectorizer.transform([question]))
        return [articles[found[0][0]].title]
