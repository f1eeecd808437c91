from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("door", "0013_address_proven")]

    operations = [
        migrations.CreateModel(
            name="WrongPassword",
            fields=[
                ("of", models.BinaryField(primary_key=True, serialize=False)),
                ("account", models.ForeignKey(null=True, on_delete=models.deletion.CASCADE, to="door.account")),
                ("tries", models.SmallIntegerField(db_default=1)),
                ("last_at", models.DateTimeField(db_default=Now())),
            ],
            options={"db_table": "wrong_password"},
        ),
    ]
