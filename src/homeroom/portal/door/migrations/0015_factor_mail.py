from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('door', '0014_wrong_password'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='accountmail',
            name='account_mail_kind_known',
        ),
        migrations.AddConstraint(
            model_name='accountmail',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('reset', 'prove', 'changed', 'browser', 'answered', 'challenge', 'written', 'closed', 'overdue', 'applied', 'lapsed', 'asks', 'inspection', 'factor'))), name='account_mail_kind_known'),
        ),
    ]
