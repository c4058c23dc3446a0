from litellm.integrations.custom_guardrail import CustomGuardrail


class NoCoffee(CustomGuardrail):
    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        for message in data.get("messages") or []:
            if "coffee" in str(message.get("content")):
                raise ValueError("no coffee here")
        return data
