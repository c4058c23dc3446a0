#include <node_api.h>

static napi_value triple(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value value, result;
  int32_t number;
  napi_get_cb_info(env, info, &count, &value, NULL, NULL);
  napi_get_value_int32(env, value, &number);
  napi_create_int32(env, 3 * number, &result);
  return result;
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "triple", NAPI_AUTO_LENGTH, triple, NULL, &function);
  napi_set_named_property(env, exports, "triple", function);
  return exports;
}
