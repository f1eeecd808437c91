from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0014_who_is_asked_about")]

    operations = [migrations.AddField(model_name="unreadcolumn", name="emptied_at", field=models.DateTimeField(null=True))]
