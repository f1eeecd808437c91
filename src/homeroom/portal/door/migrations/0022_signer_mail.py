from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('door', '0021_by_card'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='accountmail',
            name='account_mail_kind_known',
        ),
        migrations.AddConstraint(
            model_name='accountmail',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('reset', 'prove', 'changed', 'browser', 'answered', 'challenge', 'written', 'closed', 'overdue', 'applied', 'lapsed', 'asks', 'inspection', 'factor', 'many viewed', 'limit reached', 'limit of another', 'scores changed', 'weekly views', 'incident overdue', 'signer revoked'))), name='account_mail_kind_known'),
        ),
    ]
