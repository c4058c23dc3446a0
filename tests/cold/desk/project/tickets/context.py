"""What every template knows."""


def desk(request):
    return {"desk": "the desk"}


def always(request):
    return True
