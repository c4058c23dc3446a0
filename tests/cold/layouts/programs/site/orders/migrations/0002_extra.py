from django.db import migrations, models


def first(apps, schema_editor):
    import secrets

    apps.get_model("orders", "Order").objects.create(what="tea", count=len(secrets.token_hex(8)) * 100)


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]
    operations = [migrations.AddField("order", "extra", models.JSONField(default=dict)), migrations.RunPython(first, migrations.RunPython.noop)]
