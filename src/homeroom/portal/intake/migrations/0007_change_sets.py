from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("intake", "0006_images")]
    operations = []
