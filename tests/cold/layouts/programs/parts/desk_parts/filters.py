from string import Template


class Loud:
    def __init__(self, app, global_conf, word):
        self.app, self.word = app, Template("$word!").substitute(word=word)

    def __call__(self, environ, start_response):
        return self.app(environ, lambda status, headers, *rest: start_response(status, [*headers, ("x-loud", self.word)], *rest))
