class Signed:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        from django.core import signing

        answer = self.get_response(request)
        answer["x-signed"] = str(signing.loads(signing.dumps({"a": 1}, compress=True)))
        return answer
