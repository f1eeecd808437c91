"""Printed codes, sign-in cards, e-mail addresses for recovery, and mails about accounts."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('door', '0004_factors'),
        ('roster', '0003_narrow_rows'),
    ]

    operations = [
        migrations.CreateModel(
            name='MailAddress',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('address', models.TextField()),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('proven_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='door.account')),
            ],
            options={
                'db_table': 'mail_address',
            },
        ),
        migrations.CreateModel(
            name='Code',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('side', models.TextField()),
                ('kind', models.TextField()),
                ('digest', models.BinaryField(unique=True)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('expires_at', models.DateTimeField()),
                ('checked', models.TextField(db_default='')),
                ('used_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='roster.person')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='roster.person')),
                ('address', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to='door.mailaddress')),
            ],
            options={
                'db_table': 'code',
            },
        ),
        migrations.CreateModel(
            name='AccountMail',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('language', models.TextField(db_default='en')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('next_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('tries', models.IntegerField(db_default=0)),
                ('handed_at', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('answer', models.TextField(db_default='')),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to='door.account')),
                ('address', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to='door.mailaddress')),
            ],
            options={
                'db_table': 'account_mail',
            },
        ),
        migrations.CreateModel(
            name='Card',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('digest', models.BinaryField(unique=True)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ended_at', models.DateTimeField(null=True)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='roster.person')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='roster.person')),
                ('section', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='roster.section')),
            ],
            options={
                'db_table': 'card',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('person',), name='card_one_works')],
            },
        ),
        migrations.AddConstraint(
            model_name='mailaddress',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None), ('proven_at__isnull', False)), fields=('account',), name='mail_address_one_proven'),
        ),
        migrations.AddConstraint(
            model_name='code',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('wake', 'password', 'factors', 'address'))), name='code_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='accountmail',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('reset', 'prove', 'changed'))), name='account_mail_kind_known'),
        ),
    ]
