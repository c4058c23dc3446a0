import colander
import deform
from deform.template import ZPTRendererFactory
from pyramid.i18n import get_localizer
from pyramid.path import AssetResolver


def made(request):
    class Order(colander.MappingSchema):
        count = colander.SchemaNode(colander.Int(), validator=colander.Range(1, 9))
        mail = colander.SchemaNode(colander.String(), validator=colander.Email())
        day = colander.SchemaNode(colander.Date(), missing=None)
        kind = colander.SchemaNode(colander.String(), widget=deform.widget.SelectWidget(values=[("a", "A"), ("b", "B")]), missing="a")
        note = colander.SchemaNode(colander.String(), widget=getattr(deform.widget, request.GET.get("widget", "TextAreaWidget"))(), missing="")

    renderer = ZPTRendererFactory([AssetResolver().resolve("deform:templates").abspath()], translator=get_localizer(request).translate)
    form = deform.Form(Order(), buttons=("send",), renderer=renderer)
    if request.method == "POST":
        try:
            return repr(form.validate(request.POST.items()))
        except deform.ValidationFailure as error:
            return error.render()
    return form.render()
