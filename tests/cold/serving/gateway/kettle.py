"""A provider of our own."""

import litellm
from litellm import CustomLLM


class Kettle(CustomLLM):
    async def acompletion(self, *args, **kwargs):
        return litellm.completion(model="openai/none", api_key="none", messages=[{"role": "user", "content": "?"}], mock_response="the kettle is hot")

    async def astreaming(self, *args, **kwargs):
        for index, word in enumerate(("hot ", "water")):
            yield {"finish_reason": "stop" if index else "", "index": 0, "is_finished": bool(index), "text": word, "tool_use": None, "usage": None}


kettle = Kettle()
