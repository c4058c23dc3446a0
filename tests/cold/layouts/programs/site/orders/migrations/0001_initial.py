import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            "Order",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(max_length=50, validators=[django.core.validators.RegexValidator("^[a-z]+$")], verbose_name="what")),
                ("count", models.PositiveIntegerField(default=1, verbose_name="count")),
            ],
            {"verbose_name": "order", "verbose_name_plural": "orders"},
        )
    ]
