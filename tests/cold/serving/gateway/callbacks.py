from litellm.integrations.custom_logger import CustomLogger


class Counting(CustomLogger):
    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        print(f"counted {kwargs['model']} {kwargs.get('response_cost')}", flush=True)

    async def async_log_failure_event(self, kwargs, response_obj, start_time, end_time):
        print(f"failed {kwargs['model']}", flush=True)

    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        data.setdefault("max_tokens", 32) if call_type == "completion" else None
        return data


counting = Counting()
