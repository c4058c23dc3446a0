"""What every template knows."""


def desk(request):  # noqa: ANN001, ANN201, ARG001
    return {"desk": "the desk"}


def always(request):  # noqa: ANN001, ANN201, ARG001
    return True
