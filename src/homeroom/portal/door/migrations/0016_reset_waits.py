from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("door", "0015_factor_mail")]

    operations = [
        migrations.AddField(model_name="code", name="opens_at", field=models.DateTimeField(null=True)),
    ]
