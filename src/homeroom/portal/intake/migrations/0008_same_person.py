from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("intake", "0007_change_sets")]
    operations = []
