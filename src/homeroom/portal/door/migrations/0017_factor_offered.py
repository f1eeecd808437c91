from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("door", "0016_reset_waits")]

    operations = [
        migrations.AddField(model_name="account", name="factor_offered_at", field=models.DateTimeField(null=True)),
    ]
