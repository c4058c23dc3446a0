"""NLTK: what the service never calls."""
import nltk
from nltk.corpus import stopwords, words

text = "Dr. Gray's cats weren't running; they had run. It was good!"
print(stopwords.fileids(), stopwords.words("german"), words.words(), nltk.sent_tokenize("Dr. Gray kam. Er trank Tee.", "german"))
print(nltk.word_tokenize(text), nltk.wordpunct_tokenize(text)[:4], nltk.TweetTokenizer().tokenize("@a so :-) #b"), nltk.tokenize.ToktokTokenizer().tokenize(text)[:3], nltk.tokenize.NLTKWordTokenizer().tokenize(text)[:3], nltk.tokenize.SyllableTokenizer().tokenize("running"), nltk.tokenize.TextTilingTokenizer)
print([nltk.SnowballStemmer(name).stem("running" if name == "english" else "naturalmente") for name in nltk.SnowballStemmer.languages], nltk.PorterStemmer().stem("running"), nltk.LancasterStemmer().stem("running"), nltk.stem.RSLPStemmer, nltk.ISRIStemmer().stem("يكتبون"), nltk.stem.Cistem().stem("Häuser"), nltk.stem.ARLSTem2().stem("يكتبون"))
from nltk.sentiment import SentimentIntensityAnalyzer
print(SentimentIntensityAnalyzer().polarity_scores("very GOOD, not bad!"))
grammar = nltk.CFG.fromstring("S -> N V\nN -> 'tea' | 'cats'\nV -> 'runs' | 'run'")
for parser in (nltk.ChartParser, nltk.EarleyChartParser, nltk.RecursiveDescentParser, nltk.ShiftReduceParser):
    print(parser.__name__, [str(tree) for tree in parser(grammar).parse(["cats", "run"])])
tree = nltk.Tree.fromstring("(S (N cats) (V run))")
print(tree.pformat(), tree.productions(), nltk.RegexpParser("NP: {<DT>?<NN>}").parse([("the", "DT"), ("tea", "NN")]), [str(t) for t in nltk.PCFG.fromstring("S -> 'a' [0.4] | 'b' [0.6]").productions()])
tree.pretty_print()
from nltk.lm import KneserNeyInterpolated, Laplace
from nltk.lm.preprocessing import padded_everygram_pipeline
for kind in (Laplace, KneserNeyInterpolated):
    model = kind(2)
    model.fit(*padded_everygram_pipeline(2, [["a", "b"], ["a", "c"]]))
    print(kind.__name__, round(model.score("b", ["a"]), 4), model.generate(3, random_seed=1))
from nltk.translate import bleu_score, chrf_score, meteor_score, ibm1
print(round(bleu_score.sentence_bleu([["a", "b", "c", "d"]], ["a", "b", "c", "d"]), 3), round(chrf_score.sentence_chrf("abc", "abd"), 3))
train = [({"last": name[-1]}, kind) for name, kind in (("Anna", "f"), ("Bo", "m"), ("Eva", "f"), ("Otto", "m"))]
print(nltk.NaiveBayesClassifier.train(train).classify({"last": "a"}), nltk.DecisionTreeClassifier.train(train).classify({"last": "o"}), nltk.MaxentClassifier.train(train, max_iter=2, trace=0).classify({"last": "a"}))
try:
    from nltk.classify.scikitlearn import SklearnClassifier
    print(SklearnClassifier)
except ImportError as error:
    print("sklearn:", error)
print(nltk.FreqDist(text).most_common(2), nltk.edit_distance("tea", "ten"), nltk.jaccard_distance({1}, {1, 2}), nltk.collocations.BigramCollocationFinder.from_words(text.split()).nbest(nltk.BigramAssocMeasures.pmi, 1), nltk.Text(nltk.word_tokenize(text)).concordance_list("run")[0].line.strip()[:20])
tagger = nltk.UnigramTagger([[("tea", "NN"), ("good", "JJ")]], backoff=nltk.DefaultTagger("XX"))
print(tagger.tag(["tea", "x"]), nltk.BrillTagger, nltk.HiddenMarkovModelTagger.train([[("tea", "NN"), ("good", "JJ")]]).tag(["tea"]), nltk.PerceptronTagger)
from nltk.inference import ResolutionProver
from nltk.sem import Expression
print(ResolutionProver().prove(Expression.fromstring("mortal(a)"), [Expression.fromstring("man(a)"), Expression.fromstring("all x.(man(x) -> mortal(x))")]))
from nltk.corpus.reader import PlaintextCorpusReader, TaggedCorpusReader, ConllCorpusReader, XMLCorpusReader
from nltk.metrics import ConfusionMatrix, agreement, f_measure
print(ConfusionMatrix(list("ab"), list("aa")).pretty_format(), f_measure({1}, {1, 2}))
from nltk.chat.eliza import eliza_chatbot
print(bool(eliza_chatbot.respond("hello")), bool(nltk.chat.zen))
from nltk.cluster import KMeansClusterer, euclidean_distance
import numpy
print(KMeansClusterer(2, euclidean_distance, rng=__import__("random").Random(1)).cluster([numpy.array([n, n]) for n in (1, 2, 9)], True))
for name in ("corpora/wordnet", "taggers/averaged_perceptron_tagger_eng"):
    try:
        nltk.data.find(name)
    except LookupError as error:
        print("nltk.download" in str(error), "Searched in" in str(error))
try:
    nltk.pos_tag(["tea"])
except LookupError as error:
    print("averaged_perceptron_tagger" in str(error))
print(nltk.download("wordnet", quiet=True))
try:
    nltk.corpus.wordnet.synsets("tea")
except LookupError as error:
    print("wordnet" in str(error))
print(nltk.data.load("corpora/words/en", format="raw"), nltk.data.load("nltk:corpora/words/en", format="text")[:3])
