def shop(request):
    from django.utils.translation import gettext_lazy

    return {"shop": gettext_lazy("a shop")}
