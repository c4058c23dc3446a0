"""Of llm: a model that answers with what it is asked, backwards, and a tool."""
import llm


class Backwards(llm.Model):
    model_id = "backwards"
    can_stream = True

    def execute(self, prompt, stream, response, conversation):
        yield (prompt.prompt or "")[::-1]


@llm.hookimpl
def register_models(register):
    register(Backwards())


@llm.hookimpl
def register_template_loaders(register):
    register("own", lambda name: llm.Template(name=name, prompt=f"{name}: $input"))
